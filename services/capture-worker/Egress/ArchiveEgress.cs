using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Egress;

namespace StellaOps.Telemetry.CaptureWorker.Egress;

/// <summary>Judges whether the archive can be reached under a policy.</summary>
internal static class ArchiveEgress
{
    /// <summary>Null: it can.</summary>
    public static string? FaultOf(ArchiveOptions archive, EgressPolicy policy)
    {
        var (host, port) = (archive.S3.Host, archive.S3.Port);
        return archive.IsS3 && !policy.Allows(host, port)
            ? $"sealed.allowlist of {KnownEnvironment.ProfilePath} does not name {host}:{port}, where {KnownEnvironment.ArchiveS3}Endpoint has the archive: add '{host}:{port}' to it"
            : null;
    }
}
