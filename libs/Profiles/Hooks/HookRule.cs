using StellaOps.Telemetry.Contracts.Incidents;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.Profiles.Hooks;

/// <summary>Which reports make an incident, and which incident.</summary>
public sealed record HookRule
{
    /// <summary>Unique; stands in the audit trail as <c>alert:NAME</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Whose reports.</summary>
    public required HookSource Source { get; init; }

    /// <summary>All of them have to hold; none: every report of the source.</summary>
    public required IReadOnlyList<LabelCondition> Conditions { get; init; }

    /// <summary>The tenant, where the sender's token is good for all; null: not said.</summary>
    public TenantId? Tenant { get; init; }

    /// <summary>The label that names the tenant, in the same case; null: none.</summary>
    public string? TenantLabel { get; init; }

    /// <summary>Null: what the report says.</summary>
    public IncidentSeverity? Severity { get; init; }

    /// <summary>The label that says how bad it is; null: none.</summary>
    public string? SeverityLabel { get; init; }

    /// <summary>What values of <see cref="SeverityLabel"/> mean, beyond info, warning and critical.</summary>
    public required IReadOnlyDictionary<string, IncidentSeverity> SeverityValues { get; init; }

    /// <summary>Services in scope; empty: every one of the tenant. Null: what the report says.</summary>
    public IReadOnlyList<string>? Services { get; init; }

    /// <summary>The label that names the one service in scope; null: none.</summary>
    public string? ServicesLabel { get; init; }

    /// <summary>Attributes that traces in scope have, and the label that each takes its value from.</summary>
    public required IReadOnlyDictionary<string, string> MatchLabels { get; init; }

    /// <summary>Share of traces in scope kept; null: what the site's profile says.</summary>
    public double? SamplingRate { get; init; }

    /// <summary>How long the incident stays active after the last report.</summary>
    public required TimeSpan Ttl { get; init; }

    /// <summary>How long sampling stays raised after its end; null: what the site's profile says.</summary>
    public TimeSpan? Cooldown { get; init; }

    /// <summary>How far before the start evidence reaches; null: what the site's profile says.</summary>
    public TimeSpan? Lookback { get; init; }

    /// <summary>When bundles are captured.</summary>
    public required IncidentCaptures Captures { get; init; }

    /// <summary>For how long after the start what it kept must stay; null: the default.</summary>
    public TimeSpan? Retain { get; init; }

    /// <summary>It must stay until somebody releases the hold.</summary>
    public bool LegalHold { get; init; }

    /// <summary>Labels whose values, taken together, say which alerts are one incident; empty: each alert is its own.</summary>
    public required IReadOnlyList<string> CorrelateBy { get; init; }

    /// <summary>Null: what the report says.</summary>
    public HookTemplate? Reason { get; init; }

    /// <summary>
    /// Whether the rule is for a report. What it takes from a label and has no other source for has to be there: a scope that is
    /// wider than somebody thought is worse than none.
    /// </summary>
    public bool Takes(HookSource source, IReadOnlyDictionary<string, string> labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        return source == Source && Conditions.All(c => c.Holds(labels)) && NeededLabels().All(l => labels.GetValueOrDefault(l, "").Length > 0);
    }

    /// <summary>Labels without which the rule could not say what it means.</summary>
    internal IEnumerable<string> NeededLabels()
    {
        IEnumerable<string?> needed = [TenantLabel, Services is null ? ServicesLabel : null, .. MatchLabels.Values];
        return needed.OfType<string>();
    }
}
