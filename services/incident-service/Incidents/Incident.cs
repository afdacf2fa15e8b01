using StellaOps.Telemetry.Contracts.Incidents;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.IncidentService.Incidents;

/// <summary>One incident as it stands at one version.</summary>
internal sealed record Incident(
    string Id,
    TenantId Tenant,
    IReadOnlyList<string> Services,
    string Reason,
    IncidentSeverity Severity,
    IncidentState State,
    double SamplingRate,
    int CooldownSeconds,
    long Version,
    DateTimeOffset StartedAt,
    DateTimeOffset ActiveUntil,
    DateTimeOffset ExpiresAt,
    DateTimeOffset? EndedAt,
    DateTimeOffset AnnouncedUntil,
    string OpenedBy)
{
    /// <summary>Whether gateways keep the raised rate.</summary>
    public bool IsRaised => State is IncidentState.Active or IncidentState.CoolingDown;

    /// <summary>What gateways are told of it.</summary>
    public IncidentMessage ToMessage() => new(Id, Version, !IsRaised, Tenant, Services, SamplingRate, StartedAt, ExpiresAt);

    public IncidentResponse ToResponse(IReadOnlyList<IncidentEvent> timeline) => new(
        Id, Tenant, Services, Reason, Severity, State, SamplingRate, CooldownSeconds, Version, StartedAt, ActiveUntil, ExpiresAt, EndedAt, OpenedBy, timeline);
}
