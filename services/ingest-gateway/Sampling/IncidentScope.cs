using StellaOps.Telemetry.Archive;

namespace StellaOps.Telemetry.IngestGateway.Sampling;

/// <summary>An incident as the sampler sees it.</summary>
internal sealed record IncidentScope(long ExpiresAt, Stamp Stamp)
{
    /// <summary>At a rate below 1 the same traces are kept everywhere.</summary>
    public bool Keeps(UInt128 traceId) => Stamp.Rate >= 1 || TraceShare.Of(traceId) < Stamp.Rate;
}
