using StellaOps.Telemetry.Contracts.Incidents;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.IncidentService.Incidents;

/// <summary>One incident as it stands at one version.</summary>
internal sealed record Incident
{
    public required string Id { get; init; }

    public required TenantId Tenant { get; init; }

    public required IReadOnlyList<string> Services { get; init; }

    public required IReadOnlyDictionary<string, string> Match { get; init; }

    public required string Reason { get; init; }

    public required IncidentSeverity Severity { get; init; }

    public required IncidentState State { get; init; }

    /// <summary>What was asked.</summary>
    public required double SamplingRate { get; init; }

    /// <summary>What gateways are to keep; 0 while the tenant has too many others open.</summary>
    public required double EffectiveRate { get; init; }

    public required int CooldownSeconds { get; init; }

    public required int LookbackSeconds { get; init; }

    public required IncidentCaptures Captures { get; init; }

    /// <summary>Null: a legal hold, which has no end.</summary>
    public required DateTimeOffset? RetainUntil { get; init; }

    public required long Version { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public required DateTimeOffset ActiveUntil { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    public required DateTimeOffset? EndedAt { get; init; }

    /// <summary>The latest <see cref="ExpiresAt"/> that gateways may have been told; before the start: they were told nothing.</summary>
    public required DateTimeOffset AnnouncedUntil { get; init; }

    public required string OpenedBy { get; init; }

    public required IncidentOrigin Origin { get; init; }

    public string? Replaces { get; init; }

    public string? SupersededBy { get; init; }

    /// <summary>Whether it has not ended.</summary>
    public bool IsOpen => State is IncidentState.Requested or IncidentState.Active or IncidentState.CoolingDown;

    /// <summary>Whether gateways keep a raised rate.</summary>
    public bool IsRaised => EffectiveRate > 0 && State is IncidentState.Active or IncidentState.CoolingDown;

    /// <summary>Whether a gateway may know of it: it was above no ceiling, at some time at least.</summary>
    public bool IsAnnounced => AnnouncedUntil > StartedAt;

    /// <summary>What gateways are told of it.</summary>
    public IncidentMessage ToMessage() => new(
        Id, Version, !IsRaised, Tenant, Services, IsRaised ? EffectiveRate : SamplingRate, StartedAt, ExpiresAt, Match.Count == 0 ? null : Match);

    public IncidentResponse ToResponse(IReadOnlyList<IncidentEvent> timeline) => new(
        Id,
        Tenant,
        Services,
        Reason,
        Severity,
        State,
        SamplingRate,
        CooldownSeconds,
        Version,
        StartedAt,
        ActiveUntil,
        ExpiresAt,
        EndedAt,
        OpenedBy,
        IsOpen ? EffectiveRate : 0,
        Match,
        LookbackSeconds,
        Captures,
        RetainUntil,
        RetainUntil is null,
        Origin,
        Replaces,
        SupersededBy,
        timeline);
}
