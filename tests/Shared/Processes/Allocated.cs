namespace StellaOps.Telemetry.Tests.Shared.Processes;

/// <summary>What work allocates on the thread that does it.</summary>
public static class Allocated
{
    private const int Rounds = 5;

    /// <summary>
    /// Bytes of the round that took least. What the work itself allocates it allocates in every round; a pool that the collector trimmed
    /// while other tests ran, or a method that was just compiled anew, is no cost of it.
    /// </summary>
    public static long BytesOf(Action round)
    {
        var least = long.MaxValue;
        for (var i = 0; i < Rounds && least > 0; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            round();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
