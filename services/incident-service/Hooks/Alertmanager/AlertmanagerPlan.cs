using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using StellaOps.Telemetry.Contracts.Incidents;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.IncidentService.Hooks.Rules;
using StellaOps.Telemetry.IncidentService.Incidents;
using StellaOps.Telemetry.Profiles.Hooks;
using StellaOps.Telemetry.ServiceDefaults.Auth;
using StellaOps.Telemetry.ServiceDefaults.Http;

namespace StellaOps.Telemetry.IncidentService.Hooks.Alertmanager;

/// <summary>What the rules make of a message: one step for all its alerts that are one incident.</summary>
internal static class AlertmanagerPlan
{
    private static readonly Dictionary<string, string> s_none = [];

    /// <param name="sender">Whose token it is: an alert opens incidents only of tenants that it is good for.</param>
    public static HookPlan Of(AlertmanagerMessage message, HooksModel hooks, ClaimsPrincipal sender, DateTimeOffset now)
    {
        var refusals = new List<ProblemHttpResult>();
        var reports = new List<Report>();
        var ignored = 0;
        foreach (var alert in message.Alerts!.OfType<AlertmanagerAlert>())
        {
            if (hooks.Find(HookSource.Alertmanager, alert.Labels!) is not { } rule)
            {
                ignored++;
            }
            else if (TenantOf(rule, alert, sender, out var problem) is { } tenant)
            {
                reports.Add(new Report(tenant, rule, alert));
            }
            else
            {
                refusals.Add(problem!);
            }
        }

        var steps = new List<HookStep>();
        foreach (var group in reports.GroupBy(r => (r.Tenant, r.Correlation)))
        {
            var step = Step([.. group], now);
            if (step.Request is { } request && IncidentRules.FaultsOf(request, null, now) is { Count: > 0 } faults)
            {
                refusals.Add(Problems.Validation(faults.Select(f => ($"rule {step.Origin.Rule}: {f.Field}", f.Message))));
            }
            else
            {
                steps.Add(step);
            }
        }

        return new HookPlan(steps, ignored, refusals);
    }

    private static HookStep Step(List<Report> reports, DateTimeOffset now)
    {
        var firing = reports.Where(r => r.Alert.Status == AlertmanagerAlert.Firing).ToList();

        // The worst of them speaks for all; the scope is that of all.
        var requests = firing.Select(r => HookRequests.Of(r.Rule, r.Tenant, [], IncidentSeverity.Critical, ReasonOf(r.Alert), r.Alert.Labels!, r.Alert.Annotations ?? s_none, now)).ToList();
        var services = requests.Any(r => r.Services!.Count == 0) ? [] : requests.SelectMany(r => r.Services!).Distinct(StringComparer.Ordinal).ToList();
        var (tenant, rule, alert) = reports[0];
        return new HookStep(
            tenant,
            new IncidentOrigin(IncidentOriginKind.Alert, rule.Name, reports[0].Correlation),
            $"alert:{rule.Name}",
            requests.MaxBy(r => r.Severity) is { } worst ? worst with { Services = services } : null,
            HookRequests.Shown($"resolved: {ReasonOf(alert)}", rule.Name),
            [.. firing.Select(r => new FiringAlert(r.Alert.Fingerprint!, r.Alert.StartsAt!)).DistinctBy(a => a.Fingerprint)],
            [.. reports.Where(r => r.Alert.Status == AlertmanagerAlert.Resolved).Select(r => r.Alert.Fingerprint!)]);
    }

    /// <summary>The token's own, or where that is good for all, what the rule says, or a label that the rule names.</summary>
    private static TenantId? TenantOf(HookRule rule, AlertmanagerAlert alert, ClaimsPrincipal sender, out ProblemHttpResult? problem)
    {
        problem = null;
        var tenant = rule.Tenant ?? sender.BoundTenant();
        if (rule.TenantLabel is { } label)
        {
            if (!TenantId.TryParse(alert.Labels![label], out var named))
            {
                problem = Problems.Validation(($"labels.{label}", $"is no tenant's name, and rule '{rule.Name}' takes the tenant from it"));
                return null;
            }

            tenant = named;
        }

        if (tenant is not { } known)
        {
            problem = Problems.Validation(("tenant", $"the token is good for all tenants, and rule '{rule.Name}' names none: give it tenant or tenant_label"));
            return null;
        }

        problem = sender.MayAccess(known) ? null : Problems.TenantNotAllowed(known);
        return problem is null ? known : null;
    }

    private static string ReasonOf(AlertmanagerAlert alert)
    {
        var (name, summary) = (alert.Labels!.GetValueOrDefault("alertname", ""), alert.Annotations?.GetValueOrDefault("summary") ?? "");
        return name.Length == 0 || summary.Length == 0 ? name + summary : $"{name}: {summary}";
    }

    private sealed record Report(TenantId Tenant, HookRule Rule, AlertmanagerAlert Alert)
    {
        public string Correlation { get; } = Rule.CorrelateBy.Count == 0
            ? HookCorrelation.OfAlert(Rule.Name, Alert.Fingerprint!)
            : HookCorrelation.OfLabels(Rule.Name, [.. Rule.CorrelateBy.Select(l => Alert.Labels!.GetValueOrDefault(l, ""))]);
    }
}
