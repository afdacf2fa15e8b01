using OpenTelemetry.Trace;

namespace StellaOps.Telemetry.IncidentSampling;

/// <summary>
/// Decides about traces that begin here, by whichever sampler is in force. A decision costs one volatile read; changes are rare and make a new
/// sampler. Shares are the SDK's own <see cref="TraceIdRatioBasedSampler"/>: what a lower rate keeps every higher one keeps too, here and in every
/// service that samples by it.
/// </summary>
/// <param name="own">The application's; null: the gateway's base rate.</param>
internal sealed class RootSampler(Sampler? own) : Sampler
{
    private volatile Sampler _current = own ?? new AlwaysOnSampler();

    public override SamplingResult ShouldSample(in SamplingParameters samplingParameters) => _current.ShouldSample(samplingParameters);

    /// <summary>No incident.</summary>
    public void Revert(double baseRate) => _current = own ?? new TraceIdRatioBasedSampler(baseRate);

    /// <summary>An incident.</summary>
    public void Raise(double rate) => _current = own is null ? new TraceIdRatioBasedSampler(rate) : new RaisedSampler(own, new TraceIdRatioBasedSampler(rate));
}
