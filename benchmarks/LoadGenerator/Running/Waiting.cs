using System.Diagnostics;

namespace StellaOps.Telemetry.Benchmarks.LoadGenerator.Running;

/// <summary>Waits without spinning; a millisecond late at most, which the next due time makes up for.</summary>
internal static class Waiting
{
    /// <summary>How soon a changed rate is noticed.</summary>
    private const int LongestMs = 50;

    /// <summary>Until a request is due, or the session stops; gives the time stamp at which it was due.</summary>
    public static long Until(Schedule schedule, long ticket, ManualResetEventSlim stop)
    {
        while (true)
        {
            var due = schedule.DueOf(ticket);
            var missing = due - Stopwatch.GetTimestamp();
            if (missing <= 0 || stop.IsSet)
            {
                return due;
            }

            stop.Wait((int)Math.Clamp(missing * 1000 / Stopwatch.Frequency, 1, LongestMs));
        }
    }
}
