using System.Text.Json;
using StellaOps.Telemetry.CaptureWorker.Jobs;
using StellaOps.Telemetry.Contracts.Holds;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.CaptureWorker.Holds;

/// <summary>A row of <c>capture.holds</c>.</summary>
internal sealed class HoldRow
{
    public const string Columns =
        """
        id AS Id, tenant AS Tenant, services AS Services, from_at AS FromAt, to_at AS ToAt, until AS Until, reason AS Reason, incident_id AS IncidentId,
        promoted_at AS PromotedAt, gaps::text AS Gaps, created_by AS CreatedBy, created_at AS CreatedAt, released_by AS ReleasedBy, released_at AS ReleasedAt
        """;

    public required string Id { get; init; }

    public required string Tenant { get; init; }

    public required string[] Services { get; init; }

    public required DateTime FromAt { get; init; }

    public DateTime? ToAt { get; init; }

    public DateTime? Until { get; init; }

    public required string Reason { get; init; }

    public string? IncidentId { get; init; }

    public DateTime? PromotedAt { get; init; }

    public required string Gaps { get; init; }

    public required string CreatedBy { get; init; }

    public required DateTime CreatedAt { get; init; }

    public string? ReleasedBy { get; init; }

    public DateTime? ReleasedAt { get; init; }

    public HoldResponse ToResponse() => new(
        Id,
        TenantId.Parse(Tenant),
        Utc(FromAt),
        Utc(ToAt),
        Services,
        Utc(Until),
        Reason,
        IncidentId,
        ReleasedAt is null ? HoldState.Active : HoldState.Released,
        Utc(PromotedAt),
        JsonSerializer.Deserialize(Gaps, CaptureJson.Default.IReadOnlyListString)!,
        CreatedBy,
        Utc(CreatedAt),
        ReleasedBy,
        Utc(ReleasedAt));

    private static DateTimeOffset Utc(DateTime time) => new(time, TimeSpan.Zero);

    private static DateTimeOffset? Utc(DateTime? time) => time is { } at ? Utc(at) : null;
}
