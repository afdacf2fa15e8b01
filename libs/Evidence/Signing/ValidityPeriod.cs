using System.Globalization;

namespace StellaOps.Telemetry.Evidence.Signing;

/// <summary>From when until when something counts; both ends are good, and null is no end.</summary>
public readonly record struct ValidityPeriod(DateTimeOffset? From, DateTimeOffset? Until)
{
    /// <summary>Whether the instant is within.</summary>
    public bool Contains(DateTimeOffset instant) => (From is not { } from || instant >= from) && (Until is not { } until || instant <= until);

    /// <summary>For people.</summary>
    public override string ToString() => (From, Until) switch
    {
        (null, null) => "always",
        ({ } from, null) => $"from {Text(from)}",
        (null, { } until) => $"until {Text(until)}",
        ({ } from, { } until) => $"from {Text(from)} until {Text(until)}",
    };

    /// <summary>An instant as every message of this library writes it: UTC, to the second.</summary>
    public static string Text(DateTimeOffset instant) => instant.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
