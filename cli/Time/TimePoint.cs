using System.Globalization;

namespace StellaOps.Telemetry.Cli.Time;

/// <summary>Reads a time as people type it: RFC 3339, <c>now</c>, or relative to now (<c>-15m</c>, <c>+2h</c>).</summary>
internal static class TimePoint
{
    public const string Forms = "RFC 3339 with an offset (2026-03-01T12:00:00Z), 'now', or relative to now: -90s, -15m, -2h, -1d";

    public static DateTimeOffset Parse(string text, string option, TimeProvider time)
    {
        if (text == "now")
        {
            return time.GetUtcNow();
        }

        if (text.Length > 1 && text[0] is '-' or '+' && Duration.TryParse(text.AsSpan(1), out var offset))
        {
            return text[0] == '-' ? time.GetUtcNow() - offset : time.GetUtcNow() + offset;
        }

        // RFC 3339 demands the offset: a time without one would mean something else on another machine.
        return text.Contains('T', StringComparison.OrdinalIgnoreCase) && HasOffset(text)
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var point)
            ? point.ToUniversalTime()
            : throw CliException.Usage($"{option}: '{text}' is not a time", $"write it as {Forms}");
    }

    private static bool HasOffset(string text) =>
        text[^1] is 'Z' or 'z' || (text.Length > 6 && text[^6] is '+' or '-' && text[^3] == ':');
}
