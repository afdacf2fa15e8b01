using System.Globalization;

namespace StellaOps.Telemetry.Profiles.Rendering.Yaml;

/// <summary>Durations and sizes in the words of those who read them.</summary>
internal static class Amounts
{
    /// <summary>As Prometheus, Alertmanager's flag excepted, and Loki write one: the largest unit that divides it, such as <c>15d</c>, <c>36h</c>, <c>1500ms</c>.</summary>
    public static string Days(TimeSpan duration) => Largest(duration, ("d", TimeSpan.TicksPerDay), ("h", TimeSpan.TicksPerHour), ("m", TimeSpan.TicksPerMinute), ("s", TimeSpan.TicksPerSecond));

    /// <summary>As Go's own parser reads one, which knows no days: <c>360h</c>.</summary>
    public static string Hours(TimeSpan duration) => Largest(duration, ("h", TimeSpan.TicksPerHour), ("m", TimeSpan.TicksPerMinute), ("s", TimeSpan.TicksPerSecond));

    /// <summary>Whole MiB, at least one.</summary>
    public static long MebibytesUp(long bytes) => Math.Max(1, (bytes + (1 << 20) - 1) >> 20);

    private static string Largest(TimeSpan duration, params ReadOnlySpan<(string Suffix, long Ticks)> units)
    {
        foreach (var (suffix, ticks) in units)
        {
            if (duration.Ticks >= ticks && duration.Ticks % ticks == 0)
            {
                return (duration.Ticks / ticks).ToString(CultureInfo.InvariantCulture) + suffix;
            }
        }

        return ((duration.Ticks + TimeSpan.TicksPerMillisecond - 1) / TimeSpan.TicksPerMillisecond).ToString(CultureInfo.InvariantCulture) + "ms";
    }
}
