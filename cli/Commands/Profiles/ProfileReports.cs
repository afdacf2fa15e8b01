using StellaOps.Telemetry.Profiles.Validation;

namespace StellaOps.Telemetry.Cli.Commands.Profiles;

/// <summary>A profile in a list.</summary>
/// <param name="Lineage">Its name first, then its parents'.</param>
/// <param name="Overlays">Environments that have an overlay for it.</param>
/// <param name="Overlay">The one that it was judged with.</param>
internal sealed record ProfileSummary(
    string Name, string File, string? Description, bool Valid, int Faults, IReadOnlyList<string> Lineage, IReadOnlyList<string> Overlays, string? Overlay);

/// <summary>What judging a profile came to.</summary>
/// <param name="Documents">All that were read.</param>
internal sealed record ProfileValidation(string File, bool Valid, IReadOnlyList<ProfileFault> Faults, string? Overlay, IReadOnlyList<string> Documents);
