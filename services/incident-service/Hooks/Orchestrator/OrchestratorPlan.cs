using Microsoft.AspNetCore.Http.HttpResults;
using StellaOps.Telemetry.Contracts.Incidents;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.IncidentService.Hooks.Rules;
using StellaOps.Telemetry.IncidentService.Incidents;
using StellaOps.Telemetry.Profiles.Hooks;
using StellaOps.Telemetry.ServiceDefaults.Http;

namespace StellaOps.Telemetry.IncidentService.Hooks.Orchestrator;

/// <summary>What the rules make of an event.</summary>
internal static class OrchestratorPlan
{
    private static readonly Dictionary<string, string> s_none = [];

    /// <summary>A resolved event needs no rule: its correlation says what ends.</summary>
    public static HookPlan Of(CloudEvent read, HooksModel hooks, OrchestratorModel orchestrator, DateTimeOffset now)
    {
        var data = read.Data!;
        if (TenantOf(data, orchestrator, out var problem) is not { } tenant)
        {
            return new HookPlan([], 0, [problem!]);
        }

        var labels = data.Labels ?? s_none;
        var rule = hooks.Find(HookSource.Orchestrator, labels);
        var isEnd = read.Type == KnownOrchestratorEvents.Resolved;
        if (rule is null && !isEnd)
        {
            return new HookPlan([], 1, []);
        }

        data.TrySeverity(out var severity);
        var reason = data.Reason ?? $"{orchestrator.Name}: {data.Correlation}";
        var step = new HookStep(
            tenant,
            new IncidentOrigin(IncidentOriginKind.Orchestrator, rule?.Name, HookCorrelation.OfOrchestrator(orchestrator.Name, data.Correlation!)),
            $"orchestrator:{orchestrator.Name}",
            isEnd ? null : HookRequests.Of(rule!, tenant, data.Services ?? [], severity, reason, labels, s_none, now),
            HookRequests.Shown(data.Reason ?? "resolved", "resolved"),
            [],
            []);
        return step.Request is { } request && IncidentRules.FaultsOf(request, null, now) is { Count: > 0 } faults
            ? new HookPlan([], 0, [Problems.Validation(faults.Select(f => ($"data.{f.Field}", f.Message)))])
            : new HookPlan([step], 0, []);
    }

    /// <summary>What the key belongs to; with several tenants, the one of them that the event names.</summary>
    private static TenantId? TenantOf(OrchestratorData data, OrchestratorModel orchestrator, out ProblemHttpResult? problem)
    {
        problem = null;
        if (data.Tenant is null)
        {
            if (orchestrator.Tenants.Count > 1)
            {
                problem = Problems.Validation(("data.tenant", $"is needed: orchestrator '{orchestrator.Name}' reports for several tenants"));
                return null;
            }

            return orchestrator.Tenants[0];
        }

        var named = TenantId.Parse(data.Tenant);
        if (orchestrator.Tenants.Contains(named))
        {
            return named;
        }

        problem = TypedResults.Problem(
            $"Orchestrator '{orchestrator.Name}' does not report for tenant '{named}'.",
            statusCode: StatusCodes.Status403Forbidden,
            type: Contracts.KnownProblems.TenantNotAllowed,
            title: "Tenant not allowed");
        return null;
    }
}
