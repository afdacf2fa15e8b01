using Npgsql;

namespace StellaOps.Telemetry.CaptureWorker.Retention.Sweeping;

/// <summary>
/// One at a time replaces chunks by others or takes them away. Two that rewrote the same chunk at once would leave its frames in two chunks, and
/// two that sweep would both count what one of them deletes.
/// </summary>
internal static class ArchiveRewriteLock
{
    // "archive" in ASCII. Of a session: it is given back with the connection, whatever ends it.
    private const long Lock = 0x61726368697665;

    /// <summary>Null when another worker has it. Dispose it to give it back.</summary>
    public static async Task<IAsyncDisposable?> TryTakeAsync(NpgsqlDataSource dataSource, CancellationToken cancellationToken)
    {
        var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        try
        {
            await using var take = new NpgsqlCommand("SELECT pg_try_advisory_lock($1)", connection);
            take.Parameters.AddWithValue(Lock);
            if (await take.ExecuteScalarAsync(cancellationToken) is true)
            {
                return new Taken(connection);
            }
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }

        await connection.DisposeAsync();
        return null;
    }

    private sealed class Taken(NpgsqlConnection connection) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await using (connection)
            {
                await using var give = new NpgsqlCommand("SELECT pg_advisory_unlock($1)", connection);
                give.Parameters.AddWithValue(Lock);
                try
                {
                    await give.ExecuteNonQueryAsync();
                }
                catch (NpgsqlException)
                {
                    // The connection is gone, and the lock with it.
                }
            }
        }
    }
}
