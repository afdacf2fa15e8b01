namespace StellaOps.Telemetry.Profiles.Hooks;

/// <summary>What reports from outside make of incidents.</summary>
/// <param name="Rules">In order: the first that takes a report makes the incident.</param>
public sealed record HooksDocument(IReadOnlyList<HookOrchestrator> Orchestrators, IReadOnlyList<HookRule> Rules);
