using System.Globalization;
using System.Text.RegularExpressions;

namespace StellaOps.Telemetry.Profiles.Loading;

/// <summary>The kinds of single values that only sampling holds.</summary>
internal static class SamplingScalars
{
    /// <summary>0 or above.</summary>
    public static bool CountOrNone(string text, out int value) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value <= 100_000_000;

    /// <summary>0 to 1.</summary>
    public static bool ShareOrNone(string text, out double value) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out value) && value is >= 0 and <= 1;

    /// <summary>Above 0.</summary>
    public static bool Rate(string text, out long value) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value is > 0 and <= int.MaxValue;

    /// <summary>A whole number of either sign.</summary>
    public static bool Integer(string text, out long value) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);

    /// <summary>Milliseconds, 0 or above, at most ten years.</summary>
    public static bool Milliseconds(string text, out TimeSpan value)
    {
        var ok = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= 3653L * 24 * 3600 * 1000;
        value = ok ? TimeSpan.FromMilliseconds(number) : default;
        return ok;
    }

    /// <summary>A pattern whose matching takes time linear in its input, whoever writes the input.</summary>
    public static bool Pattern(string text, out string value)
    {
        value = text;
        try
        {
            return text.Length > 0 && new Regex(text, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant) is not null;
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return false;
        }
    }
}
