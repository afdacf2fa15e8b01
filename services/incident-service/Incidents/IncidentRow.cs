using System.Collections.Immutable;
using System.Text.Json;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Incidents;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.IncidentService.Incidents;

/// <summary>A row of <c>incident.incidents</c> as Npgsql gives and takes it: timestamptz is a UTC DateTime. Properties, because Dapper hands no array to a constructor.</summary>
internal sealed class IncidentRow
{
    public const string Columns =
        """
        id AS Id, tenant AS Tenant, services AS Services, match::text AS Match, reason AS Reason, severity AS Severity, state AS State,
        sampling_rate AS SamplingRate, effective_rate AS EffectiveRate, cooldown_seconds AS CooldownSeconds, lookback_seconds AS LookbackSeconds,
        capture_on_open AS CaptureOnOpen, capture_on_close AS CaptureOnClose, capture_every_seconds AS CaptureEverySeconds, retain_until AS RetainUntil,
        version AS Version, started_at AS StartedAt, active_until AS ActiveUntil, expires_at AS ExpiresAt, ended_at AS EndedAt,
        announced_until AS AnnouncedUntil, opened_by AS OpenedBy, origin AS Origin, origin_rule AS OriginRule, correlation AS Correlation,
        replaces AS Replaces, superseded_by AS SupersededBy
        """;

    /// <summary>The states of an incident that has not ended, for <c>state IN (...)</c>: <see cref="Incident.IsOpen"/>.</summary>
    public const string OpenStates = "'Requested', 'Active', 'CoolingDown'";

    public const string Insert =
        """
        INSERT INTO incident.incidents (id, tenant, services, match, reason, severity, state, sampling_rate, effective_rate, cooldown_seconds, lookback_seconds,
            capture_on_open, capture_on_close, capture_every_seconds, retain_until, version, started_at, active_until, expires_at, ended_at, announced_until,
            opened_by, origin, origin_rule, correlation, replaces, superseded_by)
        VALUES (@Id, @Tenant, @Services, @Match::jsonb, @Reason, @Severity, @State, @SamplingRate, @EffectiveRate, @CooldownSeconds, @LookbackSeconds,
            @CaptureOnOpen, @CaptureOnClose, @CaptureEverySeconds, @RetainUntil, @Version, @StartedAt, @ActiveUntil, @ExpiresAt, @EndedAt, @AnnouncedUntil,
            @OpenedBy, @Origin, @OriginRule, @Correlation, @Replaces, @SupersededBy)
        """;

    /// <summary>What may change, from the version before.</summary>
    public const string Update =
        """
        UPDATE incident.incidents SET state = @State, version = @Version, effective_rate = @EffectiveRate, active_until = @ActiveUntil, expires_at = @ExpiresAt,
            ended_at = @EndedAt, announced_until = @AnnouncedUntil, superseded_by = @SupersededBy
        WHERE id = @Id AND version = @Version - 1
        """;

    public required string Id { get; init; }

    public required string Tenant { get; init; }

    public required string[] Services { get; init; }

    public required string Match { get; init; }

    public required string Reason { get; init; }

    public required string Severity { get; init; }

    public required string State { get; init; }

    public required double SamplingRate { get; init; }

    public required double EffectiveRate { get; init; }

    public required int CooldownSeconds { get; init; }

    public required int LookbackSeconds { get; init; }

    public required bool CaptureOnOpen { get; init; }

    public required bool CaptureOnClose { get; init; }

    public int? CaptureEverySeconds { get; init; }

    public DateTime? RetainUntil { get; init; }

    public required long Version { get; init; }

    public required DateTime StartedAt { get; init; }

    public required DateTime ActiveUntil { get; init; }

    public required DateTime ExpiresAt { get; init; }

    public DateTime? EndedAt { get; init; }

    public required DateTime AnnouncedUntil { get; init; }

    public required string OpenedBy { get; init; }

    public required string Origin { get; init; }

    public string? OriginRule { get; init; }

    public string? Correlation { get; init; }

    public string? Replaces { get; init; }

    public string? SupersededBy { get; init; }

    public static IncidentRow Of(Incident incident) => new()
    {
        Id = incident.Id,
        Tenant = incident.Tenant.Value,
        Services = [.. incident.Services],
        Match = JsonSerializer.Serialize(incident.Match, ContractsJson.Default.IReadOnlyDictionaryStringString),
        Reason = incident.Reason,
        Severity = incident.Severity.ToString(),
        State = incident.State.ToString(),
        SamplingRate = incident.SamplingRate,
        EffectiveRate = incident.EffectiveRate,
        CooldownSeconds = incident.CooldownSeconds,
        LookbackSeconds = incident.LookbackSeconds,
        CaptureOnOpen = incident.Captures.OnOpen,
        CaptureOnClose = incident.Captures.OnClose,
        CaptureEverySeconds = incident.Captures.EverySeconds,
        RetainUntil = incident.RetainUntil?.UtcDateTime,
        Version = incident.Version,
        StartedAt = incident.StartedAt.UtcDateTime,
        ActiveUntil = incident.ActiveUntil.UtcDateTime,
        ExpiresAt = incident.ExpiresAt.UtcDateTime,
        EndedAt = incident.EndedAt?.UtcDateTime,
        AnnouncedUntil = incident.AnnouncedUntil.UtcDateTime,
        OpenedBy = incident.OpenedBy,
        Origin = incident.Origin.Kind.ToString(),
        OriginRule = incident.Origin.Rule,
        Correlation = incident.Origin.Correlation,
        Replaces = incident.Replaces,
        SupersededBy = incident.SupersededBy,
    };

    public Incident ToIncident() => new()
    {
        Id = Id,
        Tenant = TenantId.Parse(Tenant),
        Services = Services,
        Match = JsonSerializer.Deserialize(Match, ContractsJson.Default.IReadOnlyDictionaryStringString)!.ToImmutableSortedDictionary(StringComparer.Ordinal),
        Reason = Reason,
        Severity = Enum.Parse<IncidentSeverity>(Severity),
        State = Enum.Parse<IncidentState>(State),
        SamplingRate = SamplingRate,
        EffectiveRate = EffectiveRate,
        CooldownSeconds = CooldownSeconds,
        LookbackSeconds = LookbackSeconds,
        Captures = new IncidentCaptures(CaptureOnOpen, CaptureOnClose, CaptureEverySeconds),
        RetainUntil = Utc(RetainUntil),
        Version = Version,
        StartedAt = Utc(StartedAt),
        ActiveUntil = Utc(ActiveUntil),
        ExpiresAt = Utc(ExpiresAt),
        EndedAt = Utc(EndedAt),
        AnnouncedUntil = Utc(AnnouncedUntil),
        OpenedBy = OpenedBy,
        Origin = new IncidentOrigin(Enum.Parse<IncidentOriginKind>(Origin), OriginRule, Correlation),
        Replaces = Replaces,
        SupersededBy = SupersededBy,
    };

    private static DateTimeOffset Utc(DateTime time) => new(time, TimeSpan.Zero);

    private static DateTimeOffset? Utc(DateTime? time) => time is { } at ? Utc(at) : null;
}
