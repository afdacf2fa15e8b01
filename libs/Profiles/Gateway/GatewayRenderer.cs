using StellaOps.Telemetry.Profiles.Hashing;
using StellaOps.Telemetry.Profiles.Model;

namespace StellaOps.Telemetry.Profiles.Gateway;

/// <summary>Renders the gateway's configuration from a profile: the same profile and policy give the same settings and hash on any machine.</summary>
public static class GatewayRenderer
{
    /// <param name="redactionPolicyText">The text of the policy that the profile names; empty when it names <see cref="Profile.NoRedaction"/>.</param>
    public static GatewaySettings Render(Profile profile, string redactionPolicyText) => new(
        profile.Name,
        ProfileHash.Compute(profile, redactionPolicyText),
        profile.Redaction,
        profile.Durability,
        profile.Ingest.Limits,
        profile.Recorder,
        profile.Sampling,
        profile.Exporters)
    {
        Sealed = profile.Sealed,
    };
}
