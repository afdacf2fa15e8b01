using System.Diagnostics.CodeAnalysis;
using StellaOps.Telemetry.Profiles.Validation;

namespace StellaOps.Telemetry.Profiles.Hooks;

/// <summary>What came of loading: a document when there is no fault, else every fault that one pass finds.</summary>
public sealed record HooksLoadResult(HooksDocument? Document, IReadOnlyList<ProfileFault> Faults)
{
    /// <summary>Whether it may be used.</summary>
    [MemberNotNullWhen(true, nameof(Document))]
    public bool IsValid => Document is not null;
}
