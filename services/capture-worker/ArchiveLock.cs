using Npgsql;

namespace StellaOps.Telemetry.CaptureWorker;

/// <summary>
/// Held by the one worker that may change the archive's chain of roots, join its chunks or take them away: two that rewrote the same chunk would
/// leave its frames in two, and two that sweep would both count what one of them deletes. It ends with its connection.
/// </summary>
internal sealed class ArchiveLock : IAsyncDisposable
{
    /// <summary>When who met it taken asks again.</summary>
    public static readonly TimeSpan AskAgainAfter = TimeSpan.FromSeconds(2);

    // "archive" in ASCII.
    private const long Key = 0x61726368697665;
    private readonly NpgsqlConnection _connection;

    private ArchiveLock(NpgsqlConnection connection) => _connection = connection;

    /// <summary>Does it while nothing else is at the archive; false when something is, of this worker or another.</summary>
    public static async Task<bool> TryRunAsync(NpgsqlDataSource dataSource, Func<ArchiveLock, Task> work, CancellationToken cancellationToken)
    {
        await using var held = await TryTakeAsync(dataSource, cancellationToken);
        if (held is null)
        {
            return false;
        }

        await work(held);
        return true;
    }

    /// <summary>Asks the database over the lock's own connection: who lost it, lost the lock.</summary>
    /// <exception cref="NpgsqlException">The lock is lost.</exception>
    public async Task EnsureAsync(CancellationToken cancellationToken)
    {
        await using var ask = new NpgsqlCommand("SELECT 1", _connection);
        await ask.ExecuteScalarAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        // The pool would keep the session, and the lock with it.
        try
        {
            await using var release = new NpgsqlCommand($"SELECT pg_advisory_unlock({Key})", _connection);
            await release.ExecuteNonQueryAsync(CancellationToken.None);
        }
        catch (NpgsqlException)
        {
            // The connection broke, and the lock with it.
        }

        await _connection.DisposeAsync();
    }

    /// <summary>Null when another worker has it.</summary>
    private static async Task<ArchiveLock?> TryTakeAsync(NpgsqlDataSource dataSource, CancellationToken cancellationToken)
    {
        var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        try
        {
            await using var take = new NpgsqlCommand($"SELECT pg_try_advisory_lock({Key})", connection);
            if (await take.ExecuteScalarAsync(cancellationToken) is true)
            {
                return new ArchiveLock(connection);
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
}
