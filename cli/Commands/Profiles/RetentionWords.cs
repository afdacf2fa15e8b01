using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Profiles.Model;

namespace StellaOps.Telemetry.Cli.Commands.Profiles;

/// <summary>A tier's rules on one line: <c>14d, warm after 2d, at most 100GiB; acme: 30d; metrics: 30d</c>.</summary>
internal static class RetentionWords
{
    public static string Of(RetentionTier tier) => string.Join("; ", (IEnumerable<string>)
    [
        Words(tier.Keep, tier.WarmAfter, tier.MaxBytes),
        .. Signals("", tier.Signals),
        .. tier.Tenants.SelectMany(t => (IEnumerable<string>)
        [
            .. t.Value.Own is { Keep: null, WarmAfter: null, MaxBytes: null } ? [] : (string[])[$"{t.Key}: {Words(t.Value.Own)}"],
            .. Signals(t.Key + " ", t.Value.Signals),
        ]),
    ]);

    private static IEnumerable<string> Signals(string prefix, IReadOnlyDictionary<Signal, RetentionRule> signals) =>
        signals.OrderBy(s => s.Key).Select(s => $"{prefix}{s.Key.ToName()}: {Words(s.Value)}");

    private static string Words(RetentionRule rule) => Words(rule.Keep, rule.WarmAfter, rule.MaxBytes);

    private static string Words(TimeSpan? keep, TimeSpan? warmAfter, long? maxBytes) => string.Join(", ", new[]
    {
        keep is { } k ? ProfileWords.Duration(k) : null,
        warmAfter is { } w ? $"warm after {ProfileWords.Duration(w)}" : null,
        maxBytes is { } m ? $"at most {ProfileWords.Size(m)}" : null,
    }.OfType<string>());
}
