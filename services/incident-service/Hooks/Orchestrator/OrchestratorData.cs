using StellaOps.Telemetry.Contracts.Incidents;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.IncidentService.Hooks.Orchestrator;

/// <summary>The <c>data</c> of an orchestrator's event (docs/hooks.md).</summary>
/// <param name="Correlation">What the orchestrator calls the incident.</param>
/// <param name="Type">The event's type again: needed in binary mode, where headers are not signed.</param>
/// <param name="Tenant">One of those that the orchestrator is configured for; may be absent when that is one.</param>
/// <param name="Services">In scope; absent or empty: every service of the tenant.</param>
/// <param name="Severity">info, warning or critical. Default: critical.</param>
/// <param name="Labels">What rules look at.</param>
internal sealed record OrchestratorData(
    string? Correlation,
    string? Type = null,
    string? Tenant = null,
    IReadOnlyList<string>? Services = null,
    string? Severity = null,
    string? Reason = null,
    IReadOnlyDictionary<string, string>? Labels = null)
{
    private const int MaxCorrelation = 1024;
    private const int MaxLabels = 128;

    /// <summary>What is wrong with it; empty when nothing. Services are judged with the incident that they make.</summary>
    public IEnumerable<(string Field, string Message)> Faults()
    {
        if (Correlation is not { Length: > 0 and <= MaxCorrelation } || Correlation.Any(char.IsControl))
        {
            yield return ("data.correlation", $"must have 1 to {MaxCorrelation} characters");
        }

        if (Severity is not null && !TrySeverity(out _))
        {
            yield return ("data.severity", "must be info, warning or critical");
        }

        if (Tenant is not null && !TenantId.TryParse(Tenant, out _))
        {
            yield return ("data.tenant", "is no tenant's name");
        }

        // PostgreSQL's texts hold everything but this one character.
        if (Labels is not null && (Labels.Count > MaxLabels || Labels.Any(l => l.Value is null || l.Value.Contains('\0'))))
        {
            yield return ("data.labels", $"must be at most {MaxLabels}, of texts");
        }

        if (Services?.Any(s => s is null || s.Contains('\0')) == true)
        {
            yield return ("data.services", "must be texts");
        }
    }

    public bool TrySeverity(out IncidentSeverity severity)
    {
        (severity, var isKnown) = Severity switch
        {
            null or "critical" => (IncidentSeverity.Critical, true),
            "warning" => (IncidentSeverity.Warning, true),
            "info" => (IncidentSeverity.Info, true),
            _ => (default, false),
        };
        return isKnown;
    }
}
