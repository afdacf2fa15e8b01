using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Gateways;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.IngestGateway.Ledger;
using StellaOps.Telemetry.IngestGateway.Sampling;

namespace StellaOps.Telemetry.IngestGateway.FunctionalTests.TestServices;

/// <summary>What the API reads of the pipeline, with recognisable values.</summary>
internal sealed class FakePipeline : ILedger, IDecisionLookup
{
    public const string KeptTrace = "0102030405060708090a0b0c0d0e0f10";

    public IReadOnlyList<LedgerRow> Query(TenantId? tenant, long fromUnixNano, long toUnixNano) =>
        [.. new[] { "acme", "globex" }
            .Select(TenantId.Parse)
            .Where(t => tenant is null || t == tenant)
            .Select(t => new LedgerRow(fromUnixNano / 60_000_000_000 * 60, t, Signal.Traces, 10, 4, 5, new Dictionary<string, long>(), 1))];

    public (TraceDecision Decision, string? Policy) Find(TenantId tenant, ReadOnlySpan<byte> traceId) =>
        tenant.Value == "acme" && Convert.ToHexStringLower(traceId) == KeptTrace ? (TraceDecision.Kept, "errors") : (TraceDecision.Unknown, null);
}
