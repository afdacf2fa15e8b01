using System.Diagnostics;

namespace StellaOps.Telemetry.Benchmarks.LoadGenerator.Running;

/// <summary>Waits for a time stamp without spinning; a millisecond late at most, which the next due time makes up for.</summary>
internal static class Waiting
{
    public static void Until(long due, ManualResetEventSlim stop)
    {
        var missing = due - Stopwatch.GetTimestamp();
        while (missing > 0 && !stop.IsSet)
        {
            stop.Wait((int)Math.Clamp(missing * 1000 / Stopwatch.Frequency, 1, 1000));
            missing = due - Stopwatch.GetTimestamp();
        }
    }
}
