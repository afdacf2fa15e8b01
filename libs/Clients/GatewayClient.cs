using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Gateways;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.Clients;

/// <summary>A gateway's own API (not its OTLP listeners).</summary>
public sealed class GatewayClient(HttpClient http) : ApiClient(http)
{
    /// <summary>What it does now.</summary>
    public Task<GatewayStatusResponse> GetSelfAsync(CancellationToken cancellationToken) =>
        GetAsync("api/v1/gateways/self", ContractsJson.Default.GatewayStatusResponse, cancellationToken);

    /// <summary>What became of the records it accepted, by minute of acceptance.</summary>
    public Task<LedgerResponse> GetLedgerAsync(TenantId tenant, DateTimeOffset? from, DateTimeOffset? to, CancellationToken cancellationToken) =>
        GetAsync(
            WithQuery("api/v1/gateways/self/ledger", ("tenant", tenant.Value), ("from", Time(from)), ("to", Time(to))),
            ContractsJson.Default.LedgerResponse,
            cancellationToken);

    /// <summary>Why a trace was kept or not.</summary>
    /// <exception cref="ApiException">404: the gateway knows nothing of it (yet).</exception>
    public Task<TraceDecisionResponse> GetTraceDecisionAsync(TenantId tenant, string traceId, CancellationToken cancellationToken) =>
        GetAsync(
            WithQuery($"api/v1/gateways/self/traces/{Segment(traceId)}", ("tenant", tenant.Value)),
            ContractsJson.Default.TraceDecisionResponse,
            cancellationToken);
}
