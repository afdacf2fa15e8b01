namespace StellaOps.Telemetry.Profiles.Loading;

/// <summary>What texts of one kind may hold.</summary>
/// <param name="MaxLength">The longest, in characters as written.</param>
/// <param name="Example">One placeholder, as it is written.</param>
/// <param name="Known">All placeholders, in words.</param>
/// <param name="IsKnown">Whether this may stand between the braces.</param>
internal sealed record PlaceholderRules(int MaxLength, string Example, string Known, Func<string, bool> IsKnown);
