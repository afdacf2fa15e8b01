using System.Globalization;

namespace StellaOps.Telemetry.CaptureWorker.Jobs;

/// <summary>Unix nanoseconds and the clock types of .NET, which count in hundreds of them.</summary>
internal static class UnixNano
{
    public const long PerSecond = 1_000_000_000;

    /// <summary>The last day that they can tell.</summary>
    public static readonly DateTimeOffset LastDay = new(2262, 4, 11, 0, 0, 0, TimeSpan.Zero);

    private const long NanosecondsPerTick = 100;

    public static long Of(DateTimeOffset time) => (time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) * NanosecondsPerTick;

    public static DateTimeOffset ToTime(long nanoseconds) => DateTimeOffset.UnixEpoch.AddTicks(nanoseconds / NanosecondsPerTick);

    public static string ToText(long nanoseconds) => nanoseconds.ToString(CultureInfo.InvariantCulture);
}
