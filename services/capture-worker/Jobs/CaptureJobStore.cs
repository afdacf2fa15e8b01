using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using StellaOps.Telemetry.Contracts.Captures;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.CaptureWorker.Jobs;

/// <summary>
/// Jobs in PostgreSQL. A job belongs to a worker while its lease lasts; leases go by the database's clock, so workers' clocks do not matter.
/// Every write of a worker names worker and attempt: who lost the job changes nothing any more.
/// </summary>
internal sealed class CaptureJobStore(NpgsqlDataSource dataSource)
{
    private const string Columns =
        """
        id, tenant, from_ns, to_ns, services, trace_id, incident_id, state, phase, progress, worker, attempt, failure, bundle_name, archive_hash,
        records::text, gaps::text, files::text, requested_by, requested_at, finished_at, version, started_at, max_content_bytes, max_duration_seconds,
        incomplete::text
        """;

    /// <summary>Adds a queued job.</summary>
    public static async Task<CaptureJob> AddAsync(
        NpgsqlTransaction transaction, string id, CreateCaptureRequest request, string requestedBy, DateTimeOffset requestedAt, CancellationToken cancellationToken)
    {
        await using var insert = new NpgsqlCommand(
            $"""
            INSERT INTO capture.jobs (id, tenant, from_ns, to_ns, services, trace_id, incident_id, state, requested_by, requested_at, max_content_bytes, max_duration_seconds)
            VALUES ($1, $2, $3, $4, $5, $6, $7, 'queued', $8, $9, $10, $11)
            RETURNING {Columns}
            """,
            transaction.Connection,
            transaction);
        Add(insert, id, request.Tenant.Value, UnixNano.Of(request.From), UnixNano.Of(request.To), (request.Services ?? []).Order(StringComparer.Ordinal).Distinct().ToArray());
        AddNullable(insert, request.TraceId);
        AddNullable(insert, request.IncidentId);
        Add(insert, requestedBy, requestedAt.ToUniversalTime());
        insert.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Bigint, Value = (object?)request.MaxContentBytes ?? DBNull.Value });
        insert.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Integer, Value = (object?)request.MaxDurationSeconds ?? DBNull.Value });
        return (await ReadAllAsync(insert, cancellationToken)).Single();
    }

    public async Task<CaptureJob?> FindAsync(string id, CancellationToken cancellationToken)
    {
        await using var select = dataSource.CreateCommand($"SELECT {Columns} FROM capture.jobs WHERE id = $1");
        Add(select, id);
        return await ReadOneAsync(select, cancellationToken);
    }

    /// <summary>A page of jobs, newest first.</summary>
    /// <param name="tenant">Null: of all tenants.</param>
    /// <param name="before">The last one of the page before.</param>
    public async Task<IReadOnlyList<CaptureJob>> ListAsync(TenantId? tenant, (DateTimeOffset At, string Id)? before, int limit, CancellationToken cancellationToken)
    {
        await using var select = dataSource.CreateCommand(
            $"""
            SELECT {Columns} FROM capture.jobs
            WHERE ($1 IS NULL OR tenant = $1) AND ($2 IS NULL OR (requested_at, id) < ($2, $3))
            ORDER BY requested_at DESC, id DESC LIMIT $4
            """);
        AddNullable(select, tenant?.Value);
        select.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.TimestampTz, Value = before is { } b ? b.At.UtcDateTime : DBNull.Value });
        Add(select, before?.Id ?? "", limit);
        return await ReadAllAsync(select, cancellationToken);
    }

    /// <summary>Takes up the oldest job whose window is over and that nobody works on; null when there is none.</summary>
    /// <param name="settledUnixNano">Windows that end by then are settled.</param>
    /// <param name="maxAttempts">A job that was taken up so often is left to <see cref="AbandonAsync"/>.</param>
    public async Task<CaptureJob?> ClaimAsync(string worker, TimeSpan lease, long settledUnixNano, int maxAttempts, CancellationToken cancellationToken)
    {
        await using var claim = dataSource.CreateCommand(
            $"""
            UPDATE capture.jobs SET state = 'running', worker = $1, lease_until = now() + $2, attempt = attempt + 1, failure = NULL,
                started_at = COALESCE(started_at, now()), version = version + 1
            WHERE id = (
                SELECT id FROM capture.jobs
                WHERE (state = 'queued' OR (state = 'running' AND lease_until < now() AND attempt < $4)) AND to_ns <= $3
                ORDER BY requested_at, id
                LIMIT 1
                FOR UPDATE SKIP LOCKED)
            RETURNING {Columns}
            """);
        Add(claim, worker, lease, settledUnixNano, maxAttempts);
        return await ReadOneAsync(claim, cancellationToken);
    }

    /// <summary>Ends jobs whose last attempt died with its worker: a job that takes every worker down with it must not go round for ever.</summary>
    /// <returns>Their ids.</returns>
    public async Task<IReadOnlyList<string>> AbandonAsync(int maxAttempts, CancellationToken cancellationToken)
    {
        await using var abandon = dataSource.CreateCommand(
            """
            UPDATE capture.jobs SET state = 'failed', finished_at = now(), lease_until = NULL, version = version + 1,
                failure = format('given up after %s attempts: the last worker, %s, died while %s; see its log and the memory of its machine', attempt, worker, coalesce(phase, 'starting'))
            WHERE state = 'running' AND lease_until < now() AND attempt >= $1
            RETURNING id
            """);
        Add(abandon, maxAttempts);
        var ids = new List<string>();
        await using var reader = await abandon.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            ids.Add(reader.GetString(0));
        }

        return ids;
    }

    /// <summary>Ends a job that has not ended, on somebody's wish; null when it has. The worker that has it notices with its next sign of life.</summary>
    public static async Task<CaptureJob?> CancelAsync(NpgsqlTransaction transaction, string id, string by, CancellationToken cancellationToken)
    {
        await using var cancel = new NpgsqlCommand(
            $"""
            UPDATE capture.jobs SET state = 'cancelled', phase = NULL, lease_until = NULL, finished_at = now(), failure = $2, version = version + 1
            WHERE id = $1 AND state IN ('queued', 'running')
            RETURNING {Columns}
            """,
            transaction.Connection,
            transaction);
        Add(cancel, id, "cancelled by " + by);
        return await ReadOneAsync(cancel, cancellationToken);
    }

    /// <summary>The attempts that workers are at now.</summary>
    public async Task<IReadOnlySet<(string Id, int Attempt)>> ListRunningAsync(CancellationToken cancellationToken)
    {
        await using var select = dataSource.CreateCommand("SELECT id, attempt FROM capture.jobs WHERE state = 'running'");
        var running = new HashSet<(string, int)>();
        await using var reader = await select.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            running.Add((reader.GetString(0), reader.GetInt32(1)));
        }

        return running;
    }

    /// <summary>Shows a sign of life and how far the job is; false when the job is no longer this worker's.</summary>
    public async Task<bool> RenewAsync(CaptureJob job, TimeSpan lease, string phase, double progress, CancellationToken cancellationToken)
    {
        await using var renew = dataSource.CreateCommand(
            """
            UPDATE capture.jobs SET lease_until = now() + $3, phase = $4, progress = $5,
                version = version + CASE WHEN phase IS DISTINCT FROM $4 OR progress <> $5 THEN 1 ELSE 0 END
            WHERE id = $1 AND attempt = $2 AND state = 'running'
            """);
        Add(renew, job.Id, job.Attempt, lease, phase, progress);
        return await renew.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    /// <summary>Gives the job back, for another worker to take up at once: this one is stopping.</summary>
    public async Task ReleaseAsync(CaptureJob job, CancellationToken cancellationToken)
    {
        await using var release = dataSource.CreateCommand(
            """
            UPDATE capture.jobs SET state = 'queued', worker = NULL, lease_until = NULL, attempt = attempt - 1, version = version + 1
            WHERE id = $1 AND attempt = $2 AND state = 'running'
            """);
        Add(release, job.Id, job.Attempt);
        await release.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Ends the job as failed, or leaves it to another attempt after a while.</summary>
    public async Task FailAsync(CaptureJob job, string failure, TimeSpan? retryAfter, CancellationToken cancellationToken)
    {
        await using var fail = dataSource.CreateCommand(
            """
            UPDATE capture.jobs SET failure = $3, version = version + 1,
                state = CASE WHEN $4::interval IS NULL THEN 'failed' ELSE 'running' END,
                lease_until = now() + $4::interval,
                finished_at = CASE WHEN $4::interval IS NULL THEN now() END
            WHERE id = $1 AND attempt = $2 AND state = 'running'
            """);
        Add(fail, job.Id, job.Attempt, failure);
        fail.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Interval, Value = (object?)retryAfter ?? DBNull.Value });
        await fail.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>
    /// Ends the job as done. <paramref name="publish"/> runs while the row is locked and known to be this worker's: a bundle that was taken
    /// over by another worker is never replaced.
    /// </summary>
    public async Task<bool> SucceedAsync(CaptureJob job, CaptureResult result, Action publish, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var update = new NpgsqlCommand(
            """
            UPDATE capture.jobs SET state = 'succeeded', phase = NULL, progress = 1, lease_until = NULL, finished_at = now(), version = version + 1,
                bundle_name = $3, archive_hash = $4, records = $5::jsonb, gaps = $6::jsonb, files = $7::jsonb, incomplete = $8::jsonb
            WHERE id = $1 AND attempt = $2 AND state = 'running'
            """,
            connection,
            transaction);
        Add(
            update,
            job.Id,
            job.Attempt,
            result.BundleName,
            result.ArchiveHash,
            JsonSerializer.Serialize(result.Records, CaptureJson.Default.IReadOnlyDictionaryStringInt64),
            JsonSerializer.Serialize(result.Gaps, CaptureJson.Default.IReadOnlyListString),
            JsonSerializer.Serialize(result.Files, CaptureJson.Default.IReadOnlyListCaptureFile),
            JsonSerializer.Serialize(result.Incomplete, CaptureJson.Default.IReadOnlyListString));
        if (await update.ExecuteNonQueryAsync(cancellationToken) != 1)
        {
            return false;
        }

        publish();
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    private static async Task<CaptureJob?> ReadOneAsync(NpgsqlCommand command, CancellationToken cancellationToken) =>
        (await ReadAllAsync(command, cancellationToken)).SingleOrDefault();

    private static async Task<IReadOnlyList<CaptureJob>> ReadAllAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        var jobs = new List<CaptureJob>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            jobs.Add(Read(reader));
        }

        return jobs;
    }

    private static CaptureJob Read(NpgsqlDataReader row) => new(
        row.GetString(0),
        TenantId.Parse(row.GetString(1)),
        row.GetInt64(2),
        row.GetInt64(3),
        row.GetFieldValue<string[]>(4),
        Text(row, 5),
        Text(row, 6),
        Enum.Parse<CaptureState>(row.GetString(7), ignoreCase: true),
        Text(row, 8),
        row.GetDouble(9),
        Text(row, 10),
        row.GetInt32(11),
        Text(row, 12),
        Text(row, 13),
        Text(row, 14),
        JsonSerializer.Deserialize(row.GetString(15), CaptureJson.Default.IReadOnlyDictionaryStringInt64)!,
        JsonSerializer.Deserialize(row.GetString(16), CaptureJson.Default.IReadOnlyListString)!,
        JsonSerializer.Deserialize(row.GetString(17), CaptureJson.Default.IReadOnlyListCaptureFile)!,
        row.GetString(18),
        row.GetFieldValue<DateTimeOffset>(19),
        row.IsDBNull(20) ? null : row.GetFieldValue<DateTimeOffset>(20),
        row.GetInt64(21),
        row.IsDBNull(22) ? null : row.GetFieldValue<DateTimeOffset>(22),
        row.IsDBNull(23) ? null : row.GetInt64(23),
        row.IsDBNull(24) ? null : row.GetInt32(24),
        row.IsDBNull(25) ? null : JsonSerializer.Deserialize(row.GetString(25), CaptureJson.Default.IReadOnlyListString));

    private static string? Text(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    private static void Add(NpgsqlCommand command, params ReadOnlySpan<object> values)
    {
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }
    }

    private static void AddNullable(NpgsqlCommand command, string? value) =>
        command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Text, Value = (object?)value ?? DBNull.Value });
}
