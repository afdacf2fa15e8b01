using StellaOps.Telemetry.Profiles.Resolving;

namespace StellaOps.Telemetry.Cli.Commands.Profiles.Diffing;

/// <summary>Profiles of the profiles folder by name, and files by path. It knows every reference or says how to mend it, so it is asked last.</summary>
internal sealed class DiskProfileSource(CliHost host) : IProfileSource
{
    public Task<ProfileResolution?> FindAsync(string reference, string? overlay, CancellationToken cancellationToken) =>
        Task.FromResult<ProfileResolution?>(ProfileFolder.Find(host, reference).Resolve(host, overlay));
}
