using StellaOps.Telemetry.Profiles.Resolving;

namespace StellaOps.Telemetry.Cli.Commands.Profiles.Diffing;

/// <summary>Where one side of a comparison comes from: the disk, or whoever else keeps profiles.</summary>
internal interface IProfileSource
{
    /// <summary>Resolves what the reference means; null when it is none of this source.</summary>
    Task<ProfileResolution?> FindAsync(CommandContext context, string reference, ProfileReading reading, CancellationToken cancellationToken);
}
