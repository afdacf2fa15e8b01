using Npgsql;

namespace StellaOps.Telemetry.CaptureWorker.Retention.Removing;

/// <summary>
/// Where who protects and who removes meet. Both take the tenant's lock, so one of them is first: who removes sees every protection that was
/// committed before; who protects sees every removal that was planned before, takes back those that nobody has begun, and waits for the
/// others, which take a moment each. What a hold covers is therefore untouched once the hold was acknowledged.
/// </summary>
internal static class RemovalGate
{
    /// <summary>How long is waited for removals that have begun. One that takes longer belongs to a worker that died, or a store that hangs.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(20);

    /// <summary>Held until the transaction ends.</summary>
    public static async Task LockAsync(NpgsqlTransaction transaction, string tenant, CancellationToken cancellationToken)
    {
        await using var take = new NpgsqlCommand("SELECT pg_advisory_xact_lock(hashtextextended('capture.removals/' || $1, 0))", transaction.Connection, transaction);
        take.Parameters.AddWithValue(tenant);
        await take.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>
    /// Call it in the transaction that adds a protection, before its commit. Returns the manifests whose removal has begun and could not be
    /// waited for: of these chunks nobody can say whether they are there.
    /// </summary>
    /// <param name="toUnixNano">Exclusive; null: no end yet.</param>
    /// <param name="services">Empty: all.</param>
    public static async Task<IReadOnlyList<string>> ProtectAsync(
        NpgsqlTransaction transaction, string tenant, long fromUnixNano, long? toUnixNano, string[] services, TimeProvider time, CancellationToken cancellationToken)
    {
        await LockAsync(transaction, tenant, cancellationToken);
        await using (var takeBack = Covered("DELETE FROM capture.removals WHERE started_at IS NULL AND removed_at IS NULL", ""))
        {
            await takeBack.ExecuteNonQueryAsync(cancellationToken);
        }

        for (var started = time.GetTimestamp(); ;)
        {
            var going = new List<string>();
            await using (var begun = Covered("SELECT manifest_key FROM capture.removals WHERE started_at IS NOT NULL AND removed_at IS NULL", " ORDER BY manifest_key LIMIT 100"))
            await using (var reader = await begun.ExecuteReaderAsync(cancellationToken))
            {
                while (await reader.ReadAsync(cancellationToken))
                {
                    going.Add(reader.GetString(0));
                }
            }

            if (going.Count == 0 || time.GetElapsedTime(started) > s_patience)
            {
                return going;
            }

            await Task.Delay(s_poll, time, cancellationToken);
        }

        NpgsqlCommand Covered(string statement, string end)
        {
            var command = new NpgsqlCommand(
                $"{statement} AND tenant = $1 AND accepted_to >= $2 AND accepted_from < $3 AND (cardinality($4) = 0 OR services && $4){end}", transaction.Connection, transaction);
            command.Parameters.AddWithValue(tenant);
            command.Parameters.AddWithValue(fromUnixNano);
            command.Parameters.AddWithValue(toUnixNano ?? long.MaxValue);
            command.Parameters.AddWithValue(services);
            return command;
        }
    }
}
