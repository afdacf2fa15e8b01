using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.IngestGateway.Sampling;

/// <summary>What the sampler knows of a trace.</summary>
internal enum TraceDecision
{
    Unknown,
    Undecided,
    Kept,
    SampledOut,
}

/// <summary>Answers "why was this trace kept or not", from the decision caches that a restart rebuilds from the journal.</summary>
internal interface IDecisionLookup
{
    /// <param name="traceId">16 bytes.</param>
    (TraceDecision Decision, string? Policy) Find(TenantId tenant, ReadOnlySpan<byte> traceId);
}
