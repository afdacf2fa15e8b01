using System.Globalization;
using System.Text.Json.Nodes;
using Npgsql;
using StellaOps.Telemetry.CaptureWorker.Holds;
using StellaOps.Telemetry.CaptureWorker.Retention.Planning;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Archive;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.ServiceDefaults.Audit;

namespace StellaOps.Telemetry.CaptureWorker.Retention.Removing;

/// <summary>Removals in PostgreSQL: planned, begun, done, audited.</summary>
internal sealed class RemovalStore(NpgsqlDataSource dataSource, AuditLog audit, TimeProvider time)
{
    private const int MaxClaimed = 256;

    /// <summary>What must not be deleted of a tenant now.</summary>
    public async Task<IReadOnlyList<Protection>> ProtectionsAsync(TenantId tenant, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        return await ProtectionsAsync(connection, null, tenant, cancellationToken);
    }

    /// <summary>
    /// Writes down what is about to go, without what is protected by now. The leases go by the database's clock.
    /// </summary>
    /// <param name="batch">A new id.</param>
    /// <exception cref="InvalidOperationException">This machine's clock and the database's are further apart than <paramref name="maxSkew"/>: nobody knows how old anything is.</exception>
    public async Task<IReadOnlyList<RetentionDecision>> PlanAsync(
        TenantId tenant, string batch, IReadOnlyList<RetentionDecision> decisions, TimeSpan lease, TimeSpan maxSkew, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await RemovalGate.LockAsync(transaction, tenant.Value, cancellationToken);
        await ThrowIfSkewedAsync(transaction, maxSkew, cancellationToken);
        var protections = await ProtectionsAsync(connection, transaction, tenant, cancellationToken);
        var planned = new List<RetentionDecision>();
        foreach (var decision in decisions.Where(d => !protections.Any(p => p.Covers(d.Chunk))))
        {
            var chunk = decision.Chunk;
            await using var insert = new NpgsqlCommand(
                """
                INSERT INTO capture.removals (manifest_key, batch, tenant, signal, tier, accepted_from, accepted_to, services, records, stored_bytes, action, rule, lease_until)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, now() + $13) ON CONFLICT (manifest_key) DO NOTHING
                """,
                connection,
                transaction);
            Add(
                insert, chunk.ManifestKey, batch, tenant.Value, chunk.Signal.ToName(), chunk.Tier, chunk.AcceptedFromUnixNano, chunk.AcceptedToUnixNano,
                chunk.Services.ToArray(), chunk.Records, chunk.StoredBytes, NameOf(decision.Action), decision.Rule, lease);
            if (await insert.ExecuteNonQueryAsync(cancellationToken) == 1)
            {
                planned.Add(decision);
            }
        }

        await transaction.CommitAsync(cancellationToken);
        return planned;
    }

    /// <summary>Begins one removal; false when it was taken back, or belongs to another worker by now.</summary>
    public async Task<bool> StartAsync(string batch, string manifestKey, CancellationToken cancellationToken)
    {
        await using var update = dataSource.CreateCommand(
            "UPDATE capture.removals SET started_at = now() WHERE manifest_key = $1 AND batch = $2 AND removed_at IS NULL AND lease_until > now()");
        Add(update, manifestKey, batch);
        return await update.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    /// <summary>The chunk is gone.</summary>
    public async Task RemovedAsync(string batch, string manifestKey, CancellationToken cancellationToken)
    {
        await using var update = dataSource.CreateCommand("UPDATE capture.removals SET removed_at = now() WHERE manifest_key = $1 AND batch = $2");
        Add(update, manifestKey, batch);
        await update.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>The chunk is whole, and stays until a later sweep plans it anew.</summary>
    public async Task TakeBackAsync(string batch, string manifestKey, CancellationToken cancellationToken)
    {
        await using var delete = dataSource.CreateCommand("DELETE FROM capture.removals WHERE manifest_key = $1 AND batch = $2 AND removed_at IS NULL");
        Add(delete, manifestKey, batch);
        await delete.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Ends a batch: one audit entry for each rule by which something went. What nobody began is planned anew by a later sweep; of what was begun and
    /// not ended somebody has to look after it (<see cref="ClaimLostAsync"/>).</summary>
    public async Task FinishAsync(string batch, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var groups = new List<(string Tenant, string Signal, string Tier, string Action, string Rule, JsonObject Detail)>();
        await using (var ended = new NpgsqlCommand(
            """
            WITH ended AS (DELETE FROM capture.removals WHERE batch = $1 AND (started_at IS NULL OR removed_at IS NOT NULL) RETURNING *)
            SELECT tenant, signal, tier, action, rule, count(*), sum(records)::bigint, sum(stored_bytes)::bigint, min(accepted_from), max(accepted_to)
            FROM ended WHERE removed_at IS NOT NULL GROUP BY tenant, signal, tier, action, rule ORDER BY tenant, signal, tier, action, rule
            """,
            connection,
            transaction))
        {
            Add(ended, batch);
            await using var reader = await ended.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                groups.Add((reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetString(3), reader.GetString(4), new JsonObject
                {
                    ["rule"] = reader.GetString(4),
                    ["chunks"] = reader.GetInt64(5),
                    ["records"] = reader.GetInt64(6),
                    ["storedBytes"] = reader.GetInt64(7),
                    ["acceptedFrom"] = reader.GetInt64(8).ToString(CultureInfo.InvariantCulture),
                    ["acceptedTo"] = reader.GetInt64(9).ToString(CultureInfo.InvariantCulture),
                }));
            }
        }

        foreach (var (tenant, signal, tier, action, _, detail) in groups)
        {
            await audit.AppendAsync(transaction, new AuditEntry(HoldStore.SystemActor, $"archive.{action}", tenant, $"{signal}/{tier}", detail.ToJsonString()), cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>Takes over what a worker left that died, as one batch of one tenant; empty when there is nothing.</summary>
    /// <param name="batch">A new id.</param>
    public async Task<IReadOnlyList<Removal>> ClaimLostAsync(string batch, TimeSpan lease, CancellationToken cancellationToken)
    {
        await using var claim = dataSource.CreateCommand(
            """
            UPDATE capture.removals SET batch = $1, lease_until = now() + $2
            WHERE manifest_key IN (
                SELECT manifest_key FROM capture.removals WHERE lease_until < now() ORDER BY lease_until LIMIT $3 FOR UPDATE SKIP LOCKED)
            RETURNING manifest_key, tenant, action, removed_at IS NOT NULL
            """);
        Add(claim, batch, lease, MaxClaimed);
        var claimed = new List<Removal>();
        await using var reader = await claim.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            claimed.Add(new Removal(reader.GetString(0), reader.GetString(1), Enum.Parse<ArchiveAction>(reader.GetString(2), ignoreCase: true), reader.GetBoolean(3)));
        }

        return claimed;
    }

    private static async Task<IReadOnlyList<Protection>> ProtectionsAsync(NpgsqlConnection connection, NpgsqlTransaction? transaction, TenantId tenant, CancellationToken cancellationToken)
    {
        // A hold's times are microseconds: the next one after its end, so that nothing is cut off.
        await using var select = new NpgsqlCommand(
            """
            SELECT id, (extract(epoch FROM from_at) * 1000000)::bigint * 1000,
                CASE WHEN to_at < '2262-04-11Z' THEN (extract(epoch FROM to_at) * 1000000)::bigint * 1000 + 1000 END, services
            FROM capture.holds WHERE tenant = $1 AND released_at IS NULL
            UNION ALL
            SELECT id, from_ns, to_ns, services FROM capture.jobs WHERE tenant = $1 AND state IN ('queued', 'running')
            ORDER BY 1
            """,
            connection,
            transaction);
        Add(select, tenant.Value);
        var protections = new List<Protection>();
        await using var reader = await select.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            protections.Add(new Protection(
                reader.GetString(0), reader.GetInt64(1), reader.IsDBNull(2) ? null : reader.GetInt64(2), reader.GetFieldValue<string[]>(3).ToHashSet(StringComparer.Ordinal)));
        }

        return protections;
    }

    private async Task ThrowIfSkewedAsync(NpgsqlTransaction transaction, TimeSpan maxSkew, CancellationToken cancellationToken)
    {
        await using var clock = new NpgsqlCommand("SELECT clock_timestamp()", transaction.Connection, transaction);
        var there = new DateTimeOffset((DateTime)(await clock.ExecuteScalarAsync(cancellationToken))!, TimeSpan.Zero);
        var here = time.GetUtcNow();
        if ((here - there).Duration() > maxSkew)
        {
            throw new InvalidOperationException($"this machine's clock says {here:O}, the database's {there:O}: nothing is deleted until they agree");
        }
    }

    private static string NameOf(ArchiveAction action) => action.ToString().ToLowerInvariant();

    private static void Add(NpgsqlCommand command, params ReadOnlySpan<object> values)
    {
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }
    }
}
