namespace StellaOps.Telemetry.IncidentService.Hooks.Orchestrator;

/// <summary>Types of events that are taken.</summary>
internal static class KnownOrchestratorEvents
{
    public const string Started = "org.stella-ops.orchestrator.incident.started.v1";
    public const string Extended = "org.stella-ops.orchestrator.incident.extended.v1";
    public const string Resolved = "org.stella-ops.orchestrator.incident.resolved.v1";

    public static IReadOnlyList<string> All { get; } = [Started, Extended, Resolved];
}
