using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.IngestGateway.Configuration;
using StellaOps.Telemetry.Profiles.Gateway;

namespace StellaOps.Telemetry.IngestGateway.Egress;

/// <summary>No profile seals the gateway off from its archive: one that would is refused, at the start and while it runs.</summary>
internal sealed class ArchiveEgress(ArchiveOptions archive) : IProfileFollower
{
    public IEnumerable<string> FaultsOf(GatewaySettings next)
    {
        var (host, port) = (archive.S3.Host, archive.S3.Port);
        return archive.IsS3 && !next.Sealed.ToPolicy().Allows(host, port)
            ? [$"sealed.allowlist does not name {host}:{port}, where {KnownEnvironment.ArchiveS3}Endpoint has the archive: add '{host}:{port}' to it"]
            : [];
    }

    public IEnumerable<string> FaultsOf(GatewaySettings current, GatewaySettings next) => FaultsOf(next);

    public void Apply(GatewaySettings next)
    {
        // The dialer has the policy.
    }
}
