using StellaOps.Telemetry.Egress;
using StellaOps.Telemetry.Profiles.Model;

namespace StellaOps.Telemetry.SiteProfile;

/// <summary>Keeps the dialer to what the profile says in its <c>sealed</c> block.</summary>
internal sealed class SealedFollower(EgressDialer dialer) : ISiteProfileFollower
{
    public IEnumerable<string> FaultsOf(Profile next) => [];

    public void Apply(Profile next) => dialer.Policy = next.Sealed.ToPolicy();

    public void Refuse(string why)
    {
        // The policy stays.
    }
}
