using StellaOps.Telemetry.Profiles.Resolving;

namespace StellaOps.Telemetry.Cli.Commands.Profiles.Diffing;

/// <summary>Where one side of a comparison comes from: the disk, or whoever else keeps profiles.</summary>
internal interface IProfileSource
{
    /// <summary>Resolves what the reference means; null when it is none of this source.</summary>
    /// <param name="overlay">The environment whose overlay lies over it; null for none.</param>
    Task<ProfileResolution?> FindAsync(string reference, string? overlay, CancellationToken cancellationToken);
}
