namespace StellaOps.Telemetry.Cli.Commands.Profiles;

/// <summary>What a policy made of one case.</summary>
internal sealed record RedactionCaseReport(string Case, bool Passed, IReadOnlyList<string> Failures, IReadOnlyDictionary<string, long> Rules, IReadOnlyList<RedactionPlaceReport> Places);

/// <summary>A place that was changed.</summary>
internal sealed record RedactionPlaceReport(string Place, string? Before, string? After);
