using Microsoft.AspNetCore.Http.HttpResults;

namespace StellaOps.Telemetry.IncidentService.Hooks;

/// <summary>What a delivery means, before anything is done.</summary>
/// <param name="Ignored">Alerts that no rule takes.</param>
/// <param name="Refusals">What may not be done; the rest is done all the same.</param>
internal sealed record HookPlan(IReadOnlyList<HookStep> Steps, int Ignored, IReadOnlyList<ProblemHttpResult> Refusals);
