namespace StellaOps.Telemetry.Archive.Roots;

/// <summary>What is wrong with a chain of roots.</summary>
/// <param name="Kind">One of <see cref="Scrubbing.KnownFindings"/>.</param>
/// <param name="Key">The object.</param>
/// <param name="What">In words.</param>
public sealed record RootFault(string Kind, string Key, string What);
