using System.Globalization;

namespace StellaOps.Telemetry.Cli.Time;

/// <summary>Reads a duration as people type it: a number and one of s, m, h, d.</summary>
internal static class Duration
{
    public static bool TryParse(ReadOnlySpan<char> text, out TimeSpan duration)
    {
        duration = default;
        if (text.Length < 2 || !double.TryParse(text[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count) || count > 36500)
        {
            return false;
        }

        TimeSpan? unit = text[^1] switch
        {
            's' => TimeSpan.FromSeconds(1),
            'm' => TimeSpan.FromMinutes(1),
            'h' => TimeSpan.FromHours(1),
            'd' => TimeSpan.FromDays(1),
            _ => null,
        };
        duration = (unit ?? default) * count;
        return unit is not null;
    }

    public static TimeSpan Parse(string text, string option) => TryParse(text, out var duration) && duration > TimeSpan.Zero
        ? duration
        : throw CliException.Usage($"{option}: '{text}' is not a duration", "write a number and a unit: 90s, 15m, 2h, 1d");

    /// <summary>Whole seconds, of which 0 is a sound number.</summary>
    public static int ParseOrZero(string text, string option) => text is "0" or "0s" ? 0 : (int)Parse(text, option).TotalSeconds;
}
