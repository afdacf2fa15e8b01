using StellaOps.Telemetry.Contracts.Incidents;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.IncidentService.Incidents;

/// <summary>A row of <c>incident.incidents</c> as Npgsql gives it: timestamptz is a UTC DateTime. Properties, because Dapper hands no array to a constructor.</summary>
internal sealed class IncidentRow
{
    public const string Columns =
        """
        id AS Id, tenant AS Tenant, services AS Services, reason AS Reason, severity AS Severity, state AS State, sampling_rate AS SamplingRate,
        cooldown_seconds AS CooldownSeconds, version AS Version, started_at AS StartedAt, active_until AS ActiveUntil, expires_at AS ExpiresAt,
        ended_at AS EndedAt, announced_until AS AnnouncedUntil, opened_by AS OpenedBy
        """;

    public required string Id { get; init; }

    public required string Tenant { get; init; }

    public required string[] Services { get; init; }

    public required string Reason { get; init; }

    public required string Severity { get; init; }

    public required string State { get; init; }

    public required double SamplingRate { get; init; }

    public required int CooldownSeconds { get; init; }

    public required long Version { get; init; }

    public required DateTime StartedAt { get; init; }

    public required DateTime ActiveUntil { get; init; }

    public required DateTime ExpiresAt { get; init; }

    public DateTime? EndedAt { get; init; }

    public required DateTime AnnouncedUntil { get; init; }

    public required string OpenedBy { get; init; }

    public Incident ToIncident() => new(
        Id,
        TenantId.Parse(Tenant),
        Services,
        Reason,
        Enum.Parse<IncidentSeverity>(Severity),
        Enum.Parse<IncidentState>(State),
        SamplingRate,
        CooldownSeconds,
        Version,
        Utc(StartedAt),
        Utc(ActiveUntil),
        Utc(ExpiresAt),
        EndedAt is { } ended ? Utc(ended) : null,
        Utc(AnnouncedUntil),
        OpenedBy);

    private static DateTimeOffset Utc(DateTime time) => new(time, TimeSpan.Zero);
}
