using System.Collections.Frozen;
using StellaOps.Telemetry.Archive.Segments;
using StellaOps.Telemetry.Profiles.Model;

namespace StellaOps.Telemetry.CaptureWorker.Retention.Policy;

/// <summary>What the site's profile says of the archive. A tier of chunks that it does not name is kept for ever.</summary>
/// <param name="profile">The profile's name, for the words of rules.</param>
internal sealed class RetentionPolicy(string profile, IEnumerable<RetentionTier> tiers)
{
    /// <summary>What the profile calls the tier <see cref="KnownTiers.Default"/>.</summary>
    public const string Sampled = "sampled";

    private readonly FrozenDictionary<string, RetentionTier> _tiers = tiers.ToFrozenDictionary(t => t.Name == Sampled ? KnownTiers.Default : t.Name, StringComparer.Ordinal);

    public string Profile { get; } = profile;

    /// <param name="tier">One of <see cref="KnownTiers"/>.</param>
    public RetentionTier? Of(string tier) => _tiers.GetValueOrDefault(tier);

    /// <summary>Every tier that has a rule.</summary>
    public IEnumerable<RetentionTier> Tiers => _tiers.Values;
}
