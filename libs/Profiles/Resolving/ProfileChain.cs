using StellaOps.Telemetry.Profiles.Loading;

namespace StellaOps.Telemetry.Profiles.Resolving;

/// <summary>What a profile is made of.</summary>
/// <param name="Parts">The profile first, then its parent, and so on.</param>
/// <param name="Overlay">Null without one.</param>
/// <param name="IsComplete">Whether all of it could be read, so that what is missing is missing.</param>
internal sealed record ProfileChain(IReadOnlyList<ProfilePart> Parts, IReadOnlyList<string> Lineage, ProfilePart? Overlay, bool IsComplete)
{
    /// <summary>The oldest ancestor's, and over it each younger one, the profile's, the overlay's.</summary>
    public MappingNode MergedSpec()
    {
        var specs = Parts.Reverse().Select(p => p.Spec);
        return (Overlay is null ? specs : specs.Append(Overlay.Spec)).Aggregate(DocumentMerge.Over);
    }
}
