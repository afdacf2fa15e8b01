using Npgsql;
using StellaOps.Telemetry.OpAmp;
using StellaOps.Telemetry.ProfileService.Agents;
using StellaOps.Telemetry.ServiceDefaults.Database;

namespace StellaOps.Telemetry.ProfileService.OpAmp;

/// <summary>
/// Learns what agents should run, whichever replica decided it, and offers it at once to those that are connected here: by NOTIFY, and by reading
/// every second in case a notification was lost with its connection.
/// </summary>
internal sealed partial class DesiredWatch(
    NpgsqlDataSource dataSource, DatabaseState database, DesiredStore store, AgentRegistry registry, FleetServer server, TimeProvider time, ILogger<DesiredWatch> logger) : BackgroundService
{
    private const int PushesAtOnce = 16;
    private static readonly TimeSpan s_poll = TimeSpan.FromSeconds(1);
    private long _revision;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await database.WaitMigratedAsync(stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await ListenAsync(stoppingToken);
            }
            catch (Exception e) when (e is NpgsqlException or TimeoutException)
            {
                Log.NotRead(logger, e.Message);
                await Task.Delay(s_poll, time, stoppingToken);
            }
        }
    }

    private async Task ListenAsync(CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using (var listen = new NpgsqlCommand($"LISTEN {DesiredStore.Channel}", connection))
        {
            await listen.ExecuteNonQueryAsync(cancellationToken);
        }

        while (true)
        {
            var changes = await store.ReadAfterAsync(_revision, cancellationToken);
            foreach (var (uid, counter, _) in changes)
            {
                registry.Desire(UidOf(uid), counter);
            }

            registry.OnDesiredRead();
            await Parallel.ForEachAsync(
                changes,
                new ParallelOptions { MaxDegreeOfParallelism = PushesAtOnce, CancellationToken = cancellationToken },
                async (change, token) => await server.PushAsync(UidOf(change.Uid), token));
            if (changes.Count > 0)
            {
                _revision = changes[^1].Revision;
            }

            await connection.WaitAsync(s_poll, cancellationToken);
        }
    }

    private static InstanceUid UidOf(Guid uid)
    {
        InstanceUid.TryParse(uid.ToString("D"), out var parsed);
        return parsed;
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.DesiredNotRead, LogLevel.Warning, "Not hearing of rollouts, trying again: {Reason}")]
        public static partial void NotRead(ILogger logger, string reason);
    }
}
