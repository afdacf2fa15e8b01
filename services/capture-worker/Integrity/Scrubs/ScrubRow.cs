using System.Text.Json;
using StellaOps.Telemetry.Archive.Scrubbing;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Archive;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.CaptureWorker.Integrity.Scrubs;

/// <summary>A row of <c>capture.scrubs</c>.</summary>
internal sealed class ScrubRow
{
    public const string Columns =
        """
        id AS Id, tenant AS Tenant, from_day::timestamp AS FromDay, to_day::timestamp AS ToDay, scheduled AS Scheduled, state AS State, cursor::text AS Cursor, report::text AS Report,
        attempt AS Attempt, failure AS Failure, requested_by AS RequestedBy, requested_at AS RequestedAt, finished_at AS FinishedAt
        """;

    public required string Id { get; init; }

    public string? Tenant { get; init; }

    public DateTime? FromDay { get; init; }

    public DateTime? ToDay { get; init; }

    public required bool Scheduled { get; init; }

    public required string State { get; init; }

    public string? Cursor { get; init; }

    public string? Report { get; init; }

    public required int Attempt { get; init; }

    public string? Failure { get; init; }

    public required string RequestedBy { get; init; }

    public required DateTime RequestedAt { get; init; }

    public DateTime? FinishedAt { get; init; }

    public ScrubScope Scope => new(
        Tenant is null ? null : TenantId.Parse(Tenant),
        FromDay is { } from ? DateOnly.FromDateTime(from) : null,
        ToDay is { } to ? DateOnly.FromDateTime(to) : null);

    public ScrubCursor? ReadCursor() => Cursor is null ? null : JsonSerializer.Deserialize(Cursor, ScrubJson.Default.ScrubCursor);

    public ScrubReport? ReadReport() => Report is null ? null : JsonSerializer.Deserialize(Report, ContractsJson.Default.ScrubReport);

    public ScrubResponse ToResponse()
    {
        var cursor = ReadCursor();
        return new ScrubResponse(
            Id,
            Scope.Tenant,
            Scope.From,
            Scope.To,
            Enum.Parse<ScrubState>(State, ignoreCase: true),
            cursor?.DoneBytes ?? 0,
            cursor?.TotalBytes ?? 0,
            ReadReport() ?? ScrubReport.Empty,
            Failure,
            RequestedBy,
            new DateTimeOffset(RequestedAt, TimeSpan.Zero),
            FinishedAt is { } at ? new DateTimeOffset(at, TimeSpan.Zero) : null);
    }
}
