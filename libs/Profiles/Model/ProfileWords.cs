using System.Globalization;
using System.Text;

namespace StellaOps.Telemetry.Profiles.Model;

/// <summary>Values as a profile would spell them, for whoever shows one.</summary>
public static class ProfileWords
{
    private static readonly (string Suffix, long Ticks)[] s_units =
    [
        ("d", TimeSpan.TicksPerDay), ("h", TimeSpan.TicksPerHour), ("m", TimeSpan.TicksPerMinute), ("s", TimeSpan.TicksPerSecond),
        ("ms", TimeSpan.TicksPerMillisecond),
    ];

    private static readonly (string Suffix, long Bytes)[] s_sizes = [("TiB", 1L << 40), ("GiB", 1L << 30), ("MiB", 1L << 20), ("KiB", 1L << 10)];

    /// <summary><c>1h30m</c>; whole milliseconds, since a profile cannot say less.</summary>
    public static string Duration(TimeSpan value)
    {
        if (value == TimeSpan.Zero)
        {
            return "0s";
        }

        var words = new StringBuilder();
        var rest = value.Ticks;
        foreach (var (suffix, ticks) in s_units)
        {
            if (rest >= ticks)
            {
                words.Append(CultureInfo.InvariantCulture, $"{rest / ticks}{suffix}");
                rest %= ticks;
            }
        }

        return words.ToString();
    }

    /// <summary><c>64MiB</c>, in the largest unit that divides it; a plain number below that.</summary>
    public static string Size(long bytes)
    {
        foreach (var (suffix, unit) in s_sizes)
        {
            if (bytes >= unit && bytes % unit == 0)
            {
                return string.Create(CultureInfo.InvariantCulture, $"{bytes / unit}{suffix}");
            }
        }

        return bytes.ToString(CultureInfo.InvariantCulture);
    }
}
