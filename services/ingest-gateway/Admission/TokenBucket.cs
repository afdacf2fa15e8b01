namespace StellaOps.Telemetry.IngestGateway.Admission;

/// <summary>
/// A rate with a burst. What a request weighs is known only after it was read, so it passes while there is anything in the bucket, and pays
/// afterwards, if need be by going below zero: over time nobody gets more than the rate.
/// </summary>
internal sealed class TokenBucket(double perSecond, TimeSpan burst, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly double _capacity = Math.Max(1, perSecond * burst.TotalSeconds);
    private double _level = Math.Max(1, perSecond * burst.TotalSeconds);
    private long _at = time.GetTimestamp();

    /// <summary>Zero when a request may pass, else how long until one may.</summary>
    public TimeSpan Wait()
    {
        lock (_lock)
        {
            Refill();
            return _level > 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(Math.Min((1 - _level) / perSecond, TimeSpan.MaxValue.TotalSeconds / 2));
        }
    }

    public void Take(long amount)
    {
        lock (_lock)
        {
            Refill();
            _level -= amount;
        }
    }

    private void Refill()
    {
        var now = time.GetTimestamp();
        _level = Math.Min(_capacity, _level + (time.GetElapsedTime(_at, now).TotalSeconds * perSecond));
        _at = now;
    }
}
