using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.IngestGateway.Configuration;
using StellaOps.Telemetry.Profiles.Gateway;

namespace StellaOps.Telemetry.IngestGateway.Egress;

/// <summary>No profile seals the gateway off from its archive: one that would is refused, at the start and while it runs.</summary>
internal sealed class ArchiveEgress(ArchiveOptions archive) : IProfileFollower
{
    public IEnumerable<string> FaultsOf(GatewaySettings current, GatewaySettings next) => archive.FaultsOfSeal(next.Sealed.ToPolicy().Allows);

    public void Apply(GatewaySettings next)
    {
        // The dialer has the policy.
    }
}
