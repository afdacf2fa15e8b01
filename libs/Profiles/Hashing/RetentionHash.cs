using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Profiles.Model;

namespace StellaOps.Telemetry.Profiles.Hashing;

/// <summary>The canonical form of a tier of the archive.</summary>
internal static class RetentionHash
{
    public static SortedDictionary<string, object?> Of(RetentionTier tier) => Rule(
        CanonicalMap.Of(("keep", tier.Keep), ("tier", tier.Name)), tier.WarmAfter, tier.MaxBytes, tier.Signals)
        .AddUnless(tier.Tenants.Count == 0, "tenants", CanonicalMap.Of([.. tier.Tenants.Select(t => (t.Key, (object?)Of(t.Value.Own, t.Value.Signals)))]));

    private static SortedDictionary<string, object?> Of(RetentionRule rule, IReadOnlyDictionary<Signal, RetentionRule>? signals) => Rule(
        CanonicalMap.Of().AddUnless(rule.Keep is null, "keep", rule.Keep), rule.WarmAfter, rule.MaxBytes, signals);

    private static SortedDictionary<string, object?> Rule(
        SortedDictionary<string, object?> map, TimeSpan? warmAfter, long? maxBytes, IReadOnlyDictionary<Signal, RetentionRule>? signals) => map
        .AddUnless(warmAfter is null, "warmAfter", warmAfter)
        .AddUnless(maxBytes is null, "maxBytes", maxBytes)
        .AddUnless(signals is null or { Count: 0 }, "signals", CanonicalMap.Of([.. (signals ?? new Dictionary<Signal, RetentionRule>()).Select(s => (s.Key.ToName(), (object?)Of(s.Value, null)))]));
}
