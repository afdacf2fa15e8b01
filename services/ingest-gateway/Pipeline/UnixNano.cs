namespace StellaOps.Telemetry.IngestGateway.Pipeline;

/// <summary>Unix nanoseconds.</summary>
internal static class UnixNano
{
    public const long PerMillisecond = 1_000_000;
    public const long PerSecond = 1_000_000_000;

    public static long Of(DateTimeOffset time) => (time.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) * 100;

    public static DateTimeOffset ToTime(long unixNano) => DateTimeOffset.UnixEpoch.AddTicks(unixNano / 100);
}
