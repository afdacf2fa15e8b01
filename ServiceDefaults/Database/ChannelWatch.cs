using Npgsql;

namespace StellaOps.Telemetry.ServiceDefaults.Database;

/// <summary>
/// Looks at the database whenever a channel is notified, whichever replica notified it, and every second in case a notification was lost with
/// its connection.
/// </summary>
public sealed class ChannelWatch(NpgsqlDataSource dataSource, DatabaseState database, TimeProvider time)
{
    private static readonly TimeSpan s_poll = TimeSpan.FromSeconds(1);

    /// <summary>Runs until it is cancelled; the first look is as soon as the schemas are there.</summary>
    /// <param name="look">Reads what changed.</param>
    /// <param name="failed">Is told why PostgreSQL could not be heard; it is tried again.</param>
    public async Task RunAsync(string channel, Func<CancellationToken, Task> look, Action<string> failed, CancellationToken cancellationToken)
    {
        await database.WaitMigratedAsync(cancellationToken);
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await ListenAsync(channel, look, cancellationToken);
            }
            catch (Exception e) when (e is NpgsqlException or TimeoutException)
            {
                failed(e.Message);
                await Task.Delay(s_poll, time, cancellationToken);
            }
        }
    }

    private async Task ListenAsync(string channel, Func<CancellationToken, Task> look, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using (var listen = new NpgsqlCommand($"LISTEN {channel}", connection))
        {
            await listen.ExecuteNonQueryAsync(cancellationToken);
        }

        while (true)
        {
            await look(cancellationToken);
            await connection.WaitAsync(s_poll, cancellationToken);
        }
    }
}
