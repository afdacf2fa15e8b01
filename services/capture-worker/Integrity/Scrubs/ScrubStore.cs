using System.Text.Json;
using Dapper;
using Npgsql;
using StellaOps.Telemetry.Archive.Scrubbing;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Archive;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.ServiceDefaults.Audit;
using StellaOps.Telemetry.ServiceDefaults.Database;

namespace StellaOps.Telemetry.CaptureWorker.Integrity.Scrubs;

/// <summary>Scrubs in PostgreSQL. One belongs to a worker while its lease lasts; every write of a worker names the attempt.</summary>
internal sealed class ScrubStore(NpgsqlDataSource dataSource, AuditLog audit, Idempotency idempotency, TimeProvider time)
{
    private const string SystemActor = "system:" + KnownServices.CaptureWorker;
    private const string Route = "/api/v1/archive/scrubs";

    // "scrub" in ASCII: two workers plan no two rounds.
    private const long PlanLock = 0x7363727562;

    /// <summary>Null when the key was used with another request.</summary>
    public async Task<ScrubResponse?> AddAsync(StartScrubRequest request, string actor, string? idempotencyKey, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var hash = Idempotency.HashOf(Route, request, ContractsJson.Default.StartScrubRequest);
        var claim = await idempotency.ClaimAsync(transaction, actor, idempotencyKey, hash, NewId(), cancellationToken);
        if (claim.Outcome == IdempotencyOutcome.Mismatch)
        {
            return null;
        }

        if (claim.Outcome == IdempotencyOutcome.New)
        {
            await InsertAsync(transaction, claim.ResourceId, request, scheduled: false, actor, cancellationToken);
            var detail = JsonSerializer.Serialize(request, ContractsJson.Default.StartScrubRequest);
            await audit.AppendAsync(transaction, new AuditEntry(actor, "archive.scrub", request.Tenant?.Value ?? TenantId.System.Value, claim.ResourceId, detail), cancellationToken);
        }

        var row = await FindAsync(connection, claim.ResourceId, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return row?.ToResponse();
    }

    /// <summary>Adds the next scrub of the whole archive when it is due.</summary>
    public async Task PlanAsync(TimeSpan every, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var isDue = await connection.ExecuteScalarAsync<bool>(new CommandDefinition(
            $"SELECT pg_try_advisory_xact_lock({PlanLock}) AND NOT EXISTS (SELECT 1 FROM capture.scrubs WHERE scheduled AND (state IN ('queued', 'running') OR requested_at > @due))",
            new { due = time.GetUtcNow() - every },
            transaction,
            cancellationToken: cancellationToken));
        if (isDue)
        {
            await InsertAsync(transaction, NewId(), new StartScrubRequest(), scheduled: true, SystemActor, cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
    }

    public async Task<ScrubRow?> FindAsync(string id, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        return await FindAsync(connection, id, cancellationToken);
    }

    /// <summary>How the archive stands.</summary>
    public async Task<ScrubStanding> StandingAsync(CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var wholeAt = await connection.ExecuteScalarAsync<DateTime?>(new CommandDefinition(
            "SELECT max(finished_at) FROM capture.scrubs WHERE state = 'succeeded' AND tenant IS NULL AND from_day IS NULL AND to_day IS NULL", cancellationToken: cancellationToken));
        var findings = await connection.QueryAsync<(string Kind, long Count)>(new CommandDefinition(
            """
            SELECT kind, max(found) FROM (
                SELECT f->>'kind' AS kind, count(*) AS found FROM capture.scrubs s, jsonb_array_elements(s.report->'findings') f
                WHERE s.state = 'succeeded' AND (@wholeAt::timestamptz IS NULL OR s.finished_at >= @wholeAt) GROUP BY s.id, kind) AS of_each
            GROUP BY kind
            """,
            new { wholeAt },
            cancellationToken: cancellationToken));
        return new ScrubStanding(wholeAt is { } at ? new DateTimeOffset(at, TimeSpan.Zero) : null, findings.ToDictionary(f => f.Kind, f => f.Count, StringComparer.Ordinal));
    }

    /// <summary>Newest first.</summary>
    public async Task<IReadOnlyList<ScrubResponse>> ListAsync(TenantId? tenant, string? cursor, int limit, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        return [.. (await connection.QueryAsync<ScrubRow>(new CommandDefinition(
            $"SELECT {ScrubRow.Columns} FROM capture.scrubs WHERE (@Tenant::text IS NULL OR tenant = @Tenant) AND (@cursor::text IS NULL OR id < @cursor) ORDER BY id DESC LIMIT @limit",
            new { Tenant = tenant?.Value, cursor, limit },
            cancellationToken: cancellationToken))).Select(r => r.ToResponse())];
    }

    /// <summary>Takes up the oldest that nobody works on, those that somebody asked for first; null when there is none.</summary>
    public async Task<ScrubRow?> ClaimAsync(TimeSpan lease, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        return await connection.QuerySingleOrDefaultAsync<ScrubRow>(new CommandDefinition(
            $"""
            UPDATE capture.scrubs SET state = 'running', lease_until = now() + @lease, attempt = attempt + 1
            WHERE id = (
                SELECT id FROM capture.scrubs WHERE state = 'queued' OR (state = 'running' AND lease_until < now())
                ORDER BY scheduled, requested_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
            RETURNING {ScrubRow.Columns}
            """,
            new { lease },
            cancellationToken: cancellationToken));
    }

    /// <summary>A sign of life; false when the scrub is no longer this worker's.</summary>
    public Task<bool> RenewAsync(ScrubRow row, TimeSpan lease, CancellationToken cancellationToken) =>
        WriteAsync("lease_until = now() + @lease", row, new { row.Id, row.Attempt, lease }, cancellationToken);

    /// <summary>How far it is; false when the scrub is no longer this worker's.</summary>
    public Task<bool> SaveAsync(ScrubRow row, ScrubCursor cursor, ScrubReport report, CancellationToken cancellationToken) => WriteAsync(
        "cursor = @cursor::jsonb, report = @report::jsonb",
        row,
        new { row.Id, row.Attempt, cursor = JsonSerializer.Serialize(cursor, ScrubJson.Default.ScrubCursor), report = JsonSerializer.Serialize(report, ContractsJson.Default.ScrubReport) },
        cancellationToken);

    public Task<bool> SucceedAsync(ScrubRow row, ScrubReport report, CancellationToken cancellationToken) => WriteAsync(
        "state = 'succeeded', lease_until = NULL, finished_at = now(), report = @report::jsonb",
        row,
        new { row.Id, row.Attempt, report = JsonSerializer.Serialize(report, ContractsJson.Default.ScrubReport) },
        cancellationToken);

    public Task<bool> FailAsync(ScrubRow row, string failure, CancellationToken cancellationToken) =>
        WriteAsync("state = 'failed', lease_until = NULL, finished_at = now(), failure = @failure", row, new { row.Id, row.Attempt, failure }, cancellationToken);

    /// <summary>Gives it back, for another worker to take up, at once or after a while.</summary>
    public Task<bool> ReleaseAsync(ScrubRow row, TimeSpan after, CancellationToken cancellationToken) =>
        WriteAsync("lease_until = now() + @after", row, new { row.Id, row.Attempt, after }, cancellationToken);

    private async Task<bool> WriteAsync(string set, ScrubRow row, object parameters, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        return await connection.ExecuteAsync(new CommandDefinition(
            $"UPDATE capture.scrubs SET {set} WHERE id = @Id AND attempt = @Attempt AND state = 'running'", parameters, cancellationToken: cancellationToken)) == 1;
    }

    private Task InsertAsync(NpgsqlTransaction transaction, string id, StartScrubRequest request, bool scheduled, string actor, CancellationToken cancellationToken) =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition(
            """
            INSERT INTO capture.scrubs (id, tenant, from_day, to_day, scheduled, state, requested_by, requested_at)
            VALUES (@id, @Tenant, @From, @To, @scheduled, 'queued', @actor, @Now)
            """,
            new
            {
                id,
                Tenant = request.Tenant?.Value,
                From = request.From?.ToDateTime(TimeOnly.MinValue),
                To = request.To?.ToDateTime(TimeOnly.MinValue),
                scheduled,
                actor,
                Now = time.GetUtcNow(),
            },
            transaction,
            cancellationToken: cancellationToken));

    private static Task<ScrubRow?> FindAsync(NpgsqlConnection connection, string id, CancellationToken cancellationToken) =>
        connection.QuerySingleOrDefaultAsync<ScrubRow>(new CommandDefinition(
            $"SELECT {ScrubRow.Columns} FROM capture.scrubs WHERE id = @id", new { id }, cancellationToken: cancellationToken));

    private string NewId() => $"scrub-{Guid.CreateVersion7(time.GetUtcNow()):n}";
}
