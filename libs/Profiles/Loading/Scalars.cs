using System.Globalization;

namespace StellaOps.Telemetry.Profiles.Loading;

/// <summary>The kinds of single values a profile may hold.</summary>
internal static class Scalars
{
    public const string NameForm = "a name of a-z, 0-9, '-' and '_', beginning with a letter";
    public const string FileForm = "the path of a file";

    private static readonly (string Suffix, long Factor)[] s_sizes =
        [("KiB", 1L << 10), ("MiB", 1L << 20), ("GiB", 1L << 30), ("TiB", 1L << 40), ("B", 1)];

    // Longest suffix first, so that "ms" is not read as "m" and an "s" left over.
    private static readonly (string Suffix, long Ticks)[] s_durations =
    [
        ("ms", TimeSpan.TicksPerMillisecond), ("s", TimeSpan.TicksPerSecond), ("m", TimeSpan.TicksPerMinute),
        ("h", TimeSpan.TicksPerHour), ("d", TimeSpan.TicksPerDay),
    ];

    /// <summary>The most memory that one buffer may take, in bytes.</summary>
    public const long MaxMemory = 64L << 30;

    /// <summary>The most disk that one buffer may take, in bytes.</summary>
    public const long MaxDisk = 1L << 50;

    /// <summary>What people write who want no bound, in the words of other tools.</summary>
    public static bool IsUnbounded(string text) =>
        text is "0" or "-1" or "none" or "unlimited" or "unbounded" or "infinite" or "infinity" or "inf" or ".inf" or "0B";

    public static bool Text(string text, out string value)
    {
        value = text;
        return text.Length > 0;
    }

    /// <summary>Names of profiles, policies and exporters: they stand in labels and file names.</summary>
    public static bool Name(string text, out string value)
    {
        value = text;
        return text.Length is > 0 and <= 63 && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '_') && char.IsAsciiLetterLower(text[0]);
    }

    public static bool Count(string text, out int value) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value > 0;

    public static bool Number(string text, out long value) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value > 0;

    /// <summary>Above 0 and at most 1.</summary>
    public static bool Share(string text, out double value) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out value) && value is > 0 and <= 1;

    public static bool Percentage(string text, out double value) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out value) && value is >= 0 and <= 100;

    public static bool Flag(string text, out bool value)
    {
        value = text == "true";
        return text is "true" or "false";
    }

    /// <summary><c>1GiB</c>, <c>64MiB</c>, <c>4096</c>: above 0.</summary>
    public static bool Size(string text, out long value)
    {
        value = 0;
        var factor = 1L;
        var digits = text.AsSpan();
        foreach (var (suffix, f) in s_sizes)
        {
            if (text.EndsWith(suffix, StringComparison.Ordinal))
            {
                factor = f;
                digits = digits[..^suffix.Length];
                break;
            }
        }

        if (!long.TryParse(digits.TrimEnd(' '), NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number <= 0 || number > long.MaxValue / factor)
        {
            return false;
        }

        value = number * factor;
        return true;
    }

    /// <summary>A size that fits in memory.</summary>
    public static bool SmallSize(string text, out int value)
    {
        var ok = Size(text, out var size) && size <= 1 << 30;
        value = ok ? (int)size : 0;
        return ok;
    }

    /// <summary><c>5s</c>, <c>250ms</c>, <c>1h30m</c>, <c>7d</c>: above 0, at most ten years.</summary>
    public static bool Duration(string text, out TimeSpan value)
    {
        value = default;
        var rest = text.AsSpan();
        long ticks = 0;
        while (rest.Length > 0)
        {
            var digits = rest.IndexOfAnyExceptInRange('0', '9');
            if (digits is < 1 or > 9 || !TryUnit(rest[digits..], out var unit, out var unitLength))
            {
                return false;
            }

            var number = long.Parse(rest[..digits], NumberStyles.None, CultureInfo.InvariantCulture);
            if (number > TimeSpan.TicksPerDay * 3653 / unit)
            {
                return false;
            }

            ticks += number * unit;
            rest = rest[(digits + unitLength)..];
        }

        value = new TimeSpan(ticks);
        return ticks > 0 && ticks <= TimeSpan.TicksPerDay * 3653;
    }

    public static bool HttpUrl(string text, out Uri value)
    {
        var ok = Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.UserInfo.Length == 0;
        value = ok ? uri! : new Uri("http://127.0.0.1");
        return ok;
    }

    /// <summary>An absolute path of the machine that reads it, which may be another one than ours.</summary>
    public static bool UnixPath(string text, out string value)
    {
        value = text;
        return text.Length is > 1 and <= 4096 && text[0] == '/' && !text.Any(char.IsControl);
    }

    /// <summary>A path of this machine; a relative one begins at the document's folder.</summary>
    public static ScalarParser<string> FilePath(string folder) => (string text, out string value) =>
    {
        var ok = text.Length is > 0 and <= 4096 && !text.Any(char.IsControl);
        value = ok ? Path.Combine(folder, text) : "";
        return ok;
    };

    public static ScalarParser<T> OneOf<T>(params (string Text, T Value)[] allowed) => (string text, out T value) =>
    {
        foreach (var (name, v) in allowed)
        {
            if (name == text)
            {
                value = v;
                return true;
            }
        }

        value = allowed[0].Value;
        return false;
    };

    private static bool TryUnit(ReadOnlySpan<char> text, out long ticks, out int length)
    {
        foreach (var (suffix, t) in s_durations)
        {
            if (text.StartsWith(suffix, StringComparison.Ordinal))
            {
                (ticks, length) = (t, suffix.Length);
                return true;
            }
        }

        (ticks, length) = (0, 0);
        return false;
    }
}
