using System.Globalization;

namespace StellaOps.Telemetry.Cli.Commands.Captures;

/// <summary>Reads a size as people type it: a number and one of kB, MB, GB, TB (by thousands), or a plain number of bytes.</summary>
internal static class ByteSize
{
    private static readonly (string Unit, double Bytes)[] s_units = [("kB", 1e3), ("MB", 1e6), ("GB", 1e9), ("TB", 1e12), ("", 1)];

    public static long Parse(string text, string option)
    {
        var (unit, bytes) = s_units.First(u => text.EndsWith(u.Unit, StringComparison.OrdinalIgnoreCase));
        return double.TryParse(text.AsSpan(0, text.Length - unit.Length), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count)
            && count * bytes is >= 1 and <= long.MaxValue / 2
            ? (long)(count * bytes)
            : throw CliException.Usage($"{option}: '{text}' is not a size", "write a number and a unit: 500MB, 10GB");
    }
}
