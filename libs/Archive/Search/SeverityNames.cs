using System.Globalization;

namespace StellaOps.Telemetry.Archive.Search;

/// <summary>Short names of SeverityNumber (https://opentelemetry.io/docs/specs/otel/logs/data-model/#displaying-severity): <c>WARN</c> is 13, <c>WARN2</c> 14.</summary>
public static class SeverityNames
{
    private const int Steps = 4;

    private static readonly string[] s_names = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"];

    /// <summary>All that can be asked for, without the steps between.</summary>
    public static IReadOnlyList<string> All => s_names;

    /// <summary>Reads a name, in any case, or a number from 1 to 24.</summary>
    public static bool TryParse(string text, out int severity)
    {
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out severity))
        {
            return severity is >= 1 and <= 24;
        }

        for (var i = 0; i < s_names.Length; i++)
        {
            if (text.StartsWith(s_names[i], StringComparison.OrdinalIgnoreCase))
            {
                var step = text.AsSpan(s_names[i].Length) switch { "" => 0, "2" => 1, "3" => 2, "4" => 3, _ => -1 };
                severity = (i * Steps) + 1 + step;
                return step >= 0;
            }
        }

        return false;
    }
}
