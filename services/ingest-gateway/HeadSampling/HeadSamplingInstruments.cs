using System.Diagnostics.Metrics;
using StellaOps.Telemetry.IngestGateway.Metrics;

namespace StellaOps.Telemetry.IngestGateway.HeadSampling;

/// <summary>How many SDKs ask, and wait. What is refused counts with all refusals (<see cref="IngestInstruments"/>).</summary>
internal sealed class HeadSamplingInstruments
{
    private readonly Counter<long> _answers;

    public HeadSamplingInstruments(IMeterFactory meters, HeadWaiters waiters)
    {
        var meter = meters.Create(IngestInstruments.MeterName);
        _answers = meter.CreateCounter<long>("telemetry.head.sampling.answers", description: "Questions of SDKs what to begin, by form and answer");
        meter.CreateObservableGauge("telemetry.head.sampling.waiters", () => waiters.Count, description: "SDKs that wait for another answer");
    }

    public void OnJaegerAnswered() => _answers.Add(1, new("form", "jaeger"), new("answer", "rate"));

    public void OnFollowerAnswered(bool isChange) => _answers.Add(1, new("form", "follow"), new("answer", isChange ? "rate" : "unchanged"));
}
