using System.Text.Json;
using StellaOps.Telemetry.Contracts.Incidents;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.Profiles.Hooks;

namespace StellaOps.Telemetry.IncidentService.Hooks;

/// <summary>Makes of a rule and a report what a person would have asked for.</summary>
internal static class HookRequests
{
    private const int MaxReason = 500;

    /// <param name="services">What the report says is in scope, where the rule does not say it.</param>
    /// <param name="severity">What the report says.</param>
    /// <param name="reason">What the report says.</param>
    public static StartIncidentRequest Of(
        HookRule rule,
        TenantId tenant,
        IReadOnlyList<string> services,
        IncidentSeverity severity,
        string reason,
        IReadOnlyDictionary<string, string> labels,
        IReadOnlyDictionary<string, string> annotations,
        DateTimeOffset now) => new(
            tenant,
            ServicesOf(rule, labels) ?? services,
            Shown(rule.Reason?.Render(rule.Name, reason, labels, annotations) ?? reason, rule.Name),
            SeverityOf(rule, labels) ?? severity,
            rule.SamplingRate,
            (int)rule.Ttl.TotalSeconds,
            (int?)rule.Cooldown?.TotalSeconds,
            rule.MatchLabels.Count == 0 ? null : rule.MatchLabels.ToDictionary(m => m.Key, m => labels[m.Value], StringComparer.Ordinal),
            (int?)rule.Lookback?.TotalSeconds,
            rule.Captures,
            rule.Retain is { } retain ? now + retain : null,
            rule.LegalHold);

    /// <summary>Info, warning and critical mean themselves, unless the rule says otherwise.</summary>
    public static IncidentSeverity? SeverityOf(HookRule rule, IReadOnlyDictionary<string, string> labels)
    {
        if (rule.SeverityLabel is { } label && labels.TryGetValue(label, out var value))
        {
            if (rule.SeverityValues.TryGetValue(value, out var meant))
            {
                return meant;
            }

            foreach (var known in Enum.GetValues<IncidentSeverity>())
            {
                if (JsonNamingPolicy.CamelCase.ConvertName(known.ToString()) == value)
                {
                    return known;
                }
            }
        }

        return rule.Severity;
    }

    /// <summary>On one line, at most as long as a reason may be, and without what a terminal would take for an order.</summary>
    public static string Shown(string reason, string fallback)
    {
        var text = string.Concat(reason.Select(c => char.IsControl(c) ? ' ' : c)).Trim();
        return text.Length == 0 ? fallback : text.Length <= MaxReason ? text : text[..(char.IsHighSurrogate(text[MaxReason - 1]) ? MaxReason - 1 : MaxReason)];
    }

    /// <summary>The label where it is there, else the list; null: the report's.</summary>
    private static IReadOnlyList<string>? ServicesOf(HookRule rule, IReadOnlyDictionary<string, string> labels) =>
        rule.ServicesLabel is { } label && labels.GetValueOrDefault(label, "") is { Length: > 0 } service ? [service] : rule.Services;
}
