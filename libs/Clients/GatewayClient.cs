using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Audit;
using StellaOps.Telemetry.Contracts.Gateways;
using StellaOps.Telemetry.Contracts.Replays;
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

    /// <summary>What it took of a replay.</summary>
    /// <exception cref="ApiException">404: nothing.</exception>
    public Task<ReplayResponse> GetReplayAsync(TenantId tenant, string replayId, CancellationToken cancellationToken) =>
        GetAsync(
            WithQuery($"api/v1/gateways/self/replays/{Segment(replayId)}", ("tenant", tenant.Value)),
            ContractsJson.Default.ReplayResponse,
            cancellationToken);

    /// <summary>Why a trace was kept or not.</summary>
    /// <exception cref="ApiException">404: the gateway knows nothing of it (yet).</exception>
    public Task<TraceDecisionResponse> GetTraceDecisionAsync(TenantId tenant, string traceId, CancellationToken cancellationToken) =>
        GetAsync(
            WithQuery($"api/v1/gateways/self/traces/{Segment(traceId)}", ("tenant", tenant.Value)),
            ContractsJson.Default.TraceDecisionResponse,
            cancellationToken);

    /// <summary>What stores refused for good, a page of it.</summary>
    /// <param name="tenant">Null: all that the token is good for.</param>
    /// <param name="exporter">Null: all.</param>
    public Task<Page<DeadLetterResponse>> ListDeadLettersAsync(TenantId? tenant, string? exporter, string? cursor, CancellationToken cancellationToken) =>
        GetAsync(
            WithQuery("api/v1/gateways/self/dead-letters", ("tenant", tenant?.Value), ("exporter", exporter), ("cursor", cursor)),
            ContractsJson.Default.PageDeadLetterResponse,
            cancellationToken);

    /// <summary>Sends dead letters again; what is taken is removed.</summary>
    public Task<ResendDeadLettersResponse> ResendDeadLettersAsync(IReadOnlyList<string> ids, CancellationToken cancellationToken) =>
        PostAsync(
            "api/v1/gateways/self/dead-letters/resend",
            new ResendDeadLettersRequest(ids),
            ContractsJson.Default.ResendDeadLettersRequest,
            ContractsJson.Default.ResendDeadLettersResponse,
            null,
            cancellationToken);
}
