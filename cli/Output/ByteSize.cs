using System.Globalization;

namespace StellaOps.Telemetry.Cli.Output;

/// <summary>Amounts of bytes as people type and read them: <c>600MiB</c>, <c>1.5 GB</c>, <c>4096</c>; shown in units of 1,024: <c>1.4 GiB</c>.</summary>
internal static class ByteSize
{
    private static readonly (string Suffix, double Bytes)[] s_typed =
    [
        ("KiB", 1L << 10), ("MiB", 1L << 20), ("GiB", 1L << 30), ("TiB", 1L << 40), ("KB", 1e3), ("MB", 1e6), ("GB", 1e9), ("TB", 1e12), ("B", 1), ("", 1),
    ];

    private static readonly string[] s_shown = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

    public static long Parse(string text, string option)
    {
        var (suffix, bytes) = s_typed.First(u => text.EndsWith(u.Suffix, StringComparison.OrdinalIgnoreCase));
        return double.TryParse(text.AsSpan(0, text.Length - suffix.Length).TrimEnd(' '), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count)
            && count * bytes is >= 1 and <= long.MaxValue / 2
            ? (long)(count * bytes)
            : throw CliException.Usage($"{option}: '{text}' is not a size", "write a number and a unit: 600MiB, 4GB");
    }

    public static string Format(long bytes)
    {
        var (value, unit) = ((double)bytes, 0);
        while (value >= 1024 && unit < s_shown.Length - 1)
        {
            value /= 1024;
            unit++;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{value:0.#} {s_shown[unit]}");
    }
}
