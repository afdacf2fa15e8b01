using StellaOps.Telemetry.Profiles.Gateway;

namespace StellaOps.Telemetry.Profiles.Hashing;

/// <summary>The canonical form of head sampling.</summary>
internal static class HeadSamplingHash
{
    public static SortedDictionary<string, object?> Of(HeadSamplingSettings head) => CanonicalMap.Of(
        ("rate", head.Rate), ("services", Services(head.Services)),
        ("tenants", CanonicalMap.Of([.. head.Tenants.Select(t => (t.Key, (object?)CanonicalMap.Of(("rate", t.Value.Rate), ("services", Services(t.Value.Services)))))])));

    private static SortedDictionary<string, object?> Services(IReadOnlyDictionary<string, double> services) =>
        CanonicalMap.Of([.. services.Select(s => (s.Key, (object?)s.Value))]);
}
