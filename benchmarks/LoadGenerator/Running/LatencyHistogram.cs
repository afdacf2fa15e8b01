using System.Numerics;

namespace StellaOps.Telemetry.Benchmarks.LoadGenerator.Running;

/// <summary>Counts durations in buckets that are at most 6 % wide. One thread adds; another may read at any time.</summary>
internal sealed class LatencyHistogram
{
    private const int StepBits = 4;
    private readonly long[] _counts = new long[64 << StepBits];

    public void Add(long microseconds) => _counts[BucketOf(Math.Max(1, microseconds))]++;

    public void AddTo(long[] sum)
    {
        for (var i = 0; i < sum.Length; i++)
        {
            sum[i] += Volatile.Read(ref _counts[i]);
        }
    }

    public static long[] NewSum() => new long[64 << StepBits];

    /// <summary>Milliseconds below which a share of the counted ones lies; 0 when there are none.</summary>
    public static double Percentile(ReadOnlySpan<long> counts, double share)
    {
        long all = 0;
        foreach (var count in counts)
        {
            all += count;
        }

        var missing = (long)Math.Ceiling(all * share);
        for (var i = 0; i < counts.Length && all > 0; i++)
        {
            missing -= counts[i];
            if (missing <= 0)
            {
                return EndOf(i) / 1000.0;
            }
        }

        return 0;
    }

    private static int BucketOf(long value)
    {
        var exponent = BitOperations.Log2((ulong)value);
        var step = exponent <= StepBits ? value << (StepBits - exponent) : value >> (exponent - StepBits);
        return (exponent << StepBits) | (int)(step & ((1 << StepBits) - 1));
    }

    private static double EndOf(int bucket) =>
        Math.ScaleB(1 + (((bucket & ((1 << StepBits) - 1)) + 1) / (double)(1 << StepBits)), bucket >> StepBits);
}
