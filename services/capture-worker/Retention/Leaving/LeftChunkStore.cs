using Dapper;
using Npgsql;
using StellaOps.Telemetry.Contracts.Archive;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.CaptureWorker.Retention.Leaving;

/// <summary>Chunks that the last sweep of each tenant left, in PostgreSQL.</summary>
internal sealed class LeftChunkStore(NpgsqlDataSource dataSource, TimeProvider time)
{
    /// <summary>What the last sweep of a tenant left.</summary>
    public async Task<LeftChunks> ReadAsync(TenantId tenant, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var rows = await connection.QueryAsync<(string Key, DateTime LastAt)>(new CommandDefinition(
            "SELECT manifest_key, last_at FROM capture.retention_left WHERE tenant = @Tenant", new { Tenant = tenant.Value }, cancellationToken: cancellationToken));
        return new LeftChunks(rows.ToDictionary(r => r.Key, r => new DateTimeOffset(r.LastAt, TimeSpan.Zero), StringComparer.Ordinal));
    }

    /// <summary>Writes down what a sweep left.</summary>
    /// <param name="isWhole">The sweep came to its end: what it did not leave is left no more.</param>
    public async Task SaveAsync(TenantId tenant, LeftChunks left, bool isWhole, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await connection.ExecuteAsync(new CommandDefinition(
            """
            INSERT INTO capture.retention_left (manifest_key, tenant, what, since, last_at) SELECT key, @Tenant, what, @Now, @Now FROM unnest(@Keys, @Whats) AS t (key, what)
            ON CONFLICT (manifest_key) DO UPDATE SET what = excluded.what, last_at = excluded.last_at
            """,
            new { Tenant = tenant.Value, Keys = left.Tried.Keys.ToArray(), Whats = left.Tried.Values.Select(l => l.What).ToArray(), Now = time.GetUtcNow() },
            transaction,
            cancellationToken: cancellationToken));
        if (isWhole)
        {
            await connection.ExecuteAsync(new CommandDefinition(
                "DELETE FROM capture.retention_left WHERE tenant = @Tenant AND manifest_key <> ALL(@Keys)",
                new { Tenant = tenant.Value, Keys = left.Tried.Keys.Concat(left.Waiting).ToArray() },
                transaction,
                cancellationToken: cancellationToken));
        }

        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>The first of what the last sweeps left, those that are left the longest before others.</summary>
    /// <param name="tenant">Null: every one's.</param>
    public async Task<IReadOnlyList<ArchiveLeftChunk>> ListAsync(TenantId? tenant, int limit, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var rows = await connection.QueryAsync<(string Tenant, string Key, string What, DateTime Since, DateTime LastAt)>(new CommandDefinition(
            """
            SELECT tenant, manifest_key, what, since, last_at FROM capture.retention_left
            WHERE @Tenant::text IS NULL OR tenant = @Tenant ORDER BY since, manifest_key LIMIT @limit
            """,
            new { Tenant = tenant?.Value, limit },
            cancellationToken: cancellationToken));
        return [.. rows.Select(r => new ArchiveLeftChunk(
            TenantId.Parse(r.Tenant), r.Key, r.What, new DateTimeOffset(r.Since, TimeSpan.Zero), new DateTimeOffset(r.LastAt, TimeSpan.Zero)))];
    }
}
