namespace StellaOps.Telemetry.Profiles.Diffing;

/// <summary>One thing that differs between two profiles.</summary>
/// <param name="Path">The key, as <c>spec.sampling.policies.baseline.sampling_percentage</c>: what stands in lists is named, not counted.</param>
/// <param name="Before">As a profile writes it; null where there was nothing.</param>
/// <param name="After">Null where there is nothing any more.</param>
/// <param name="Text">One line in the words of the profile, without the risk.</param>
public sealed record ProfileChange(string Path, string? Before, string? After, ChangeRisk Risk, string Text);
