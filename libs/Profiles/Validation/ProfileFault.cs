namespace StellaOps.Telemetry.Profiles.Validation;

/// <summary>One thing wrong with a profile: where, what, and how to mend it.</summary>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1.</param>
/// <param name="Path">The key, as <c>spec.sampling.policies[1].name</c>; empty for the document.</param>
public sealed record ProfileFault(string File, int Line, int Column, string Path, string Problem, string Fix)
{
    /// <inheritdoc/>
    public override string ToString() => $"{File}:{Line}:{Column}: {(Path.Length == 0 ? "" : Path + ": ")}{Problem}; {Fix}";
}
