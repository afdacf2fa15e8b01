using System.Diagnostics;

namespace StellaOps.Telemetry.Benchmarks.LoadGenerator.Running;

/// <summary>Gives out request numbers, each with the moment at which it is due. Shared by all connections.</summary>
internal sealed class Schedule
{
    private readonly int _recordsPerRequest;
    private Pace _pace;
    private long _next = -1;

    public Schedule(int recordsPerRequest, double recordsPerSecond)
    {
        _recordsPerRequest = recordsPerRequest;
        _pace = NewPace(recordsPerSecond);
    }

    public long Take() => Interlocked.Increment(ref _next);

    /// <summary>The time stamp at which a request is due, by the rate as it is now; 0 is at once.</summary>
    public long DueOf(long ticket) => Volatile.Read(ref _pace).DueOf(ticket);

    /// <summary>From now on so many records a second; 0 is without bound.</summary>
    public void SetRate(double recordsPerSecond) => Volatile.Write(ref _pace, NewPace(recordsPerSecond));

    private Pace NewPace(double recordsPerSecond) => new(
        Stopwatch.GetTimestamp(),
        Interlocked.Read(ref _next) + 1,
        recordsPerSecond <= 0 ? 0 : Stopwatch.Frequency * _recordsPerRequest / recordsPerSecond);

    private sealed record Pace(long Begin, long FirstTicket, double Interval)
    {
        public long DueOf(long ticket) => Interval == 0 ? 0 : Begin + (long)((ticket - FirstTicket) * Interval);
    }
}
