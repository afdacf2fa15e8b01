using StellaOps.Telemetry.Profiles.Hashing;
using StellaOps.Telemetry.Profiles.Model;

namespace StellaOps.Telemetry.Profiles.Rendering;

/// <summary>Renders a profile to the configuration of everything that it rules (docs/rendering.md).</summary>
public static class ProfileRenderer
{
    /// <summary>The canonical form of the profile in force: its SHA-256 is the hash that gateways report.</summary>
    public const string Gateway = "gateway.json";

    /// <summary>All files of a profile, ordinal by name.</summary>
    /// <param name="redactionPolicyText">The text of the policy that the profile names; empty when it names <see cref="Profile.NoRedaction"/>.</param>
    public static IReadOnlyList<RenderedFile> Render(Profile profile, string redactionPolicyText) =>
    [
        new RenderedFile(Gateway, "application/json", ProfileHash.Canonical(profile, redactionPolicyText)),
    ];
}
