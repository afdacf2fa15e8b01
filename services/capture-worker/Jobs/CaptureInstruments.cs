using System.Diagnostics.Metrics;

namespace StellaOps.Telemetry.CaptureWorker.Jobs;

/// <summary>Metrics of captures.</summary>
internal sealed class CaptureInstruments
{
    public const string MeterName = "StellaOps.Telemetry.CaptureWorker";
    private readonly Counter<long> _captures;
    private readonly Histogram<double> _duration;

    public CaptureInstruments(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _captures = meter.CreateCounter<long>("telemetry_captures", "{capture}", "Capture jobs that ended, by outcome.");
        _duration = meter.CreateHistogram(
            "telemetry_capture_duration",
            "s",
            "From taking a job up to its end.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.5, 1, 2, 5, 10, 30, 60, 120, 300, 900, 3600] });
    }

    public void OnSucceeded(TimeSpan duration, bool isComplete)
    {
        _captures.Add(1, new KeyValuePair<string, object?>("outcome", isComplete ? "succeeded" : "succeeded_incomplete"));
        _duration.Record(duration.TotalSeconds);
    }

    public void OnCancelled(TimeSpan duration)
    {
        _captures.Add(1, new KeyValuePair<string, object?>("outcome", "cancelled"));
        _duration.Record(duration.TotalSeconds);
    }

    public void OnFailed(TimeSpan duration)
    {
        _captures.Add(1, new KeyValuePair<string, object?>("outcome", "failed"));
        _duration.Record(duration.TotalSeconds);
    }
}
