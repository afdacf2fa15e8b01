using StellaOps.Telemetry.Egress;
using StellaOps.Telemetry.Profiles.Model;

namespace StellaOps.Telemetry.SiteProfile;

/// <summary>Keeps the dialer to what the profile says in its <c>sealed</c> block.</summary>
internal sealed class SealedFollower(EgressDialer dialer) : ISiteProfileFollower
{
    public void Apply(Profile next) => dialer.Policy = next.Sealed.ToPolicy();
}
