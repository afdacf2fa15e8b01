using System.Globalization;
using System.Text;
using StellaOps.Telemetry.Contracts.Trust;
using StellaOps.Telemetry.Evidence.Signing;
using StellaOps.Telemetry.Profiles.Rendering;
using StellaOps.Telemetry.Profiles.Resolving;

namespace StellaOps.Telemetry.ProfileService.Deployments;

/// <summary>
/// What a stock Collector gets: the configuration rendered from a profile, below a line that names its deployment. It is rendered once, when the
/// deployment is made, and kept in an envelope of this service: a later version of the renderer must not change what runs.
/// </summary>
internal static class CollectorConfig
{
    /// <summary>DSSE payload type.</summary>
    private const string PayloadType = "application/vnd.stella-ops.collector-config.v1+yaml";

    /// <summary>Null: the profile says nothing of edge Collectors.</summary>
    public static byte[]? Render(ProfileResolution resolution, long counter, string profile, long version) =>
        ProfileRenderer.Render(resolution.Profile!, resolution.RedactionPolicyText).FirstOrDefault(f => f.Name == ProfileRenderer.Collector) is { } file
            ? [.. HeadOf(counter, profile, version), .. file.Content]
            : null;

    public static byte[] Seal(byte[] config, SigningKey key) => Dsse.Sign(PayloadType, config, key, withKeyId: true);

    /// <summary>Opens what <see cref="Seal"/> made for this very deployment.</summary>
    public static bool TryOpen(byte[] envelope, TrustStore trust, long counter, string profile, long version, out ReadOnlyMemory<byte> config) =>
        trust.TryOpen(envelope, PayloadType, KnownKeyUses.ProfileDeployment, out config, out _) && config.Span.StartsWith(HeadOf(counter, profile, version));

    /// <summary>The line makes each deployment's configuration another one, so that a new rollout of the same profile is a new offer.</summary>
    private static byte[] HeadOf(long counter, string profile, long version) =>
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"# StellaOps deployment {counter}: {profile}@{version}\n"));
}
