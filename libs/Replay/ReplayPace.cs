namespace StellaOps.Telemetry.Replay;

/// <summary>How fast a replay goes: as fast as it is taken, so many records a second, or as the records came.</summary>
/// <param name="RecordsPerSecond">Null: no limit.</param>
/// <param name="Speed">Seconds of event time to a second; null: event times do not matter.</param>
public sealed record ReplayPace(double? RecordsPerSecond = null, double? Speed = null)
{
    /// <summary>How long after this run's first batch a batch is due.</summary>
    /// <param name="sent">Records that this run has sent before.</param>
    /// <param name="eventTime">From the event time of the run's first batch to that of this one.</param>
    public TimeSpan DueAt(long sent, TimeSpan eventTime)
    {
        var byRate = RecordsPerSecond is { } rate ? TimeSpan.FromSeconds(sent / rate) : TimeSpan.Zero;
        var bySpeed = Speed is { } speed ? eventTime / speed : TimeSpan.Zero;
        return byRate > bySpeed ? byRate : bySpeed;
    }
}
