using Npgsql;
using StellaOps.Telemetry.ServiceDefaults.Database;

namespace StellaOps.Telemetry.ProfileService.Agents;

/// <summary>
/// Stores behind the agents' messages, in batches: a change within half a second, a mere heartbeat with those of twenty seconds. While
/// PostgreSQL is away nothing is lost, since each agent has one record, whatever happens to it meanwhile.
/// </summary>
internal sealed partial class AgentWriter(AgentRegistry registry, AgentStore store, DatabaseState database, TimeProvider time, ILogger<AgentWriter> logger) : BackgroundService
{
    private const int MaxBatch = 1000;
    private static readonly TimeSpan s_period = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan s_signOfLife = TimeSpan.FromSeconds(20);
    private bool _failing;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await database.WaitMigratedAsync(stoppingToken);
        using var timer = new PeriodicTimer(s_period, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await WriteAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // What agents said last is told to whoever drives next, if PostgreSQL takes it at once.
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2), time);
            await WriteAsync(patience.Token);
        }
    }

    private async Task WriteAsync(CancellationToken cancellationToken)
    {
        try
        {
            foreach (var batch in Dirty().Chunk(MaxBatch))
            {
                await store.WriteAsync([.. batch.Select(d => d.Record)], cancellationToken);
                foreach (var (entry, record) in batch)
                {
                    lock (entry.Lock)
                    {
                        entry.OnWritten(record);
                    }
                }
            }

            _failing = false;
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException)
        {
            if (!_failing)
            {
                Log.NotWritten(logger, e.Message);
            }

            _failing = true;
        }
    }

    private List<(AgentEntry Entry, AgentRecord Record)> Dirty()
    {
        var dirty = new List<(AgentEntry, AgentRecord)>();
        foreach (var entry in registry.All)
        {
            lock (entry.Lock)
            {
                if (entry.IsDirty(s_signOfLife))
                {
                    dirty.Add((entry, entry.Record!));
                }
            }
        }

        return dirty;
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.AgentsNotWritten, LogLevel.Warning, "What agents report is kept in memory until PostgreSQL is back: {Reason}")]
        public static partial void NotWritten(ILogger logger, string reason);
    }
}
