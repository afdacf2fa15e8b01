using StellaOps.Telemetry.Egress;
using StellaOps.Telemetry.Profiles.Model;

namespace StellaOps.Telemetry.IngestGateway.Egress;

/// <summary>The policy that a profile asks for.</summary>
internal static class EgressPolicies
{
    public static EgressPolicy Of(SealedProfile profile) => profile.Enabled ? EgressPolicy.Sealed(profile.Allowlist) : EgressPolicy.Open;
}
