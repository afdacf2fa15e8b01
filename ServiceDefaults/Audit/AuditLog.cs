using Npgsql;
using NpgsqlTypes;
using StellaOps.Telemetry.Contracts.Audit;

namespace StellaOps.Telemetry.ServiceDefaults.Audit;

/// <summary>Appends to the one audit trail, in the transaction of what is audited: both are committed or neither.</summary>
public sealed class AuditLog(StellaServiceDefaultsOptions service, TimeProvider time)
{
    // "audit" in ASCII. Transaction-level: the next writer goes on when this transaction ends, so the chain has no gap and no fork.
    private const long ChainLock = 0x6175646974;

    /// <summary>Appends. Make it the last statement before the commit: from here on other writers wait.</summary>
    public async Task<AuditEntryResponse> AppendAsync(NpgsqlTransaction transaction, AuditEntry entry, CancellationToken cancellationToken)
    {
        var connection = transaction.Connection ?? throw new InvalidOperationException("the transaction has ended");
        await using (var take = new NpgsqlCommand("SELECT pg_advisory_xact_lock($1)", connection, transaction))
        {
            take.Parameters.AddWithValue(ChainLock);
            await take.ExecuteNonQueryAsync(cancellationToken);
        }

        // A statement of its own: it must see what the lock's last holder committed (read committed takes a new snapshot for each statement).
        var (sequence, previous) = (0L, AuditChain.Genesis);
        await using (var last = new NpgsqlCommand("SELECT sequence, hash FROM audit.entries ORDER BY sequence DESC LIMIT 1", connection, transaction))
        await using (var reader = await last.ExecuteReaderAsync(cancellationToken))
        {
            if (await reader.ReadAsync(cancellationToken))
            {
                (sequence, previous) = (reader.GetInt64(0), reader.GetString(1));
            }
        }

        var row = new AuditEntryResponse(
            sequence + 1, AuditChain.Truncate(time.GetUtcNow()), service.ServiceName, entry.Actor, entry.Action, entry.Tenant, entry.Target, entry.Detail, previous, "");
        row = row with { Hash = AuditChain.HashOf(row) };
        await using var insert = new NpgsqlCommand(
            """
            INSERT INTO audit.entries (sequence, at, service, actor, action, tenant, target, detail, previous_hash, hash)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            """,
            connection,
            transaction);
        insert.Parameters.AddWithValue(row.Sequence);
        insert.Parameters.AddWithValue(row.At);
        insert.Parameters.AddWithValue(row.Service);
        insert.Parameters.AddWithValue(row.Actor);
        insert.Parameters.AddWithValue(row.Action);
        insert.Parameters.Add(new NpgsqlParameter { Value = (object?)row.Tenant ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        insert.Parameters.AddWithValue(row.Target);
        insert.Parameters.Add(new NpgsqlParameter { Value = (object?)row.Detail ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        insert.Parameters.AddWithValue(row.PreviousHash);
        insert.Parameters.AddWithValue(row.Hash);
        await insert.ExecuteNonQueryAsync(cancellationToken);
        return row;
    }
}
