using System.Diagnostics.CodeAnalysis;
using StellaOps.Telemetry.Profiles.Model;
using StellaOps.Telemetry.Profiles.Validation;

namespace StellaOps.Telemetry.Profiles.Resolving;

/// <summary>What documents come to: a profile when there is no fault in any of them, else every fault that one pass finds.</summary>
/// <param name="RedactionPolicyText">The policy's document; empty when the profile switches redaction off, or names none that can be read.</param>
/// <param name="Lineage">The profile's name first, then its parent's, and so on.</param>
/// <param name="Documents">All that were read, ordinal by path.</param>
/// <param name="Faults">In the order of the merge, profile first; by line and column within a document.</param>
public sealed record ProfileResolution(
    Profile? Profile,
    string RedactionPolicyText,
    IReadOnlyList<string> Lineage,
    IReadOnlyList<ProfileDocument> Documents,
    IReadOnlyList<ProfileFault> Faults)
{
    /// <summary>Whether the profile may be used.</summary>
    [MemberNotNullWhen(true, nameof(Profile))]
    public bool IsValid => Profile is not null;
}
