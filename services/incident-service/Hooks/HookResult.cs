using StellaOps.Telemetry.IncidentService.Incidents;

namespace StellaOps.Telemetry.IncidentService.Hooks;

/// <param name="Incident">Null: there is none.</param>
internal sealed record HookResult(HookOutcome Outcome, Incident? Incident);
