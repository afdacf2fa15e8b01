namespace StellaOps.Telemetry.Redaction.Fixtures;

/// <summary>What became of one case.</summary>
/// <param name="Name">Name of the case.</param>
/// <param name="Failures">What was not as expected; empty when all was.</param>
/// <param name="Counts">Redactions by rule; rules that did nothing are left out.</param>
/// <param name="Changes">The places that were changed.</param>
/// <param name="Output">The redacted request in OTLP/JSON; empty where the policy was refused.</param>
public sealed record RedactionFixtureResult(string Name, IReadOnlyList<string> Failures, IReadOnlyDictionary<string, long> Counts, IReadOnlyList<RedactionChange> Changes, string Output)
{
    /// <summary>Whether all was as expected.</summary>
    public bool IsPassed => Failures.Count == 0;
}
