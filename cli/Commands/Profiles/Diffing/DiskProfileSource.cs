using StellaOps.Telemetry.Profiles.Resolving;

namespace StellaOps.Telemetry.Cli.Commands.Profiles.Diffing;

/// <summary>Profiles of the profiles folder by name, and files by path. It knows every reference or says how to mend it, so it is asked last.</summary>
internal sealed class DiskProfileSource : IProfileSource
{
    public Task<ProfileResolution?> FindAsync(CommandContext context, string reference, ProfileReading reading, CancellationToken cancellationToken) =>
        Task.FromResult<ProfileResolution?>(ProfileFolder.Find(context.Host, reference).Resolve(context.Host, reading.Overlay));
}
