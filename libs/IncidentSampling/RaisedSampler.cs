using OpenTelemetry.Trace;

namespace StellaOps.Telemetry.IncidentSampling;

/// <summary>Keeps what one of two keeps.</summary>
internal sealed class RaisedSampler(Sampler own, Sampler incident) : Sampler
{
    public override SamplingResult ShouldSample(in SamplingParameters samplingParameters)
    {
        var first = own.ShouldSample(samplingParameters);
        if (first.Decision == SamplingDecision.RecordAndSample)
        {
            return first;
        }

        var second = incident.ShouldSample(samplingParameters);
        return second.Decision == SamplingDecision.RecordAndSample ? second : first;
    }
}
