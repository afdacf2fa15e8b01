using Npgsql;
using StackExchange.Redis;
using StellaOps.Telemetry.Contracts.Incidents;
using StellaOps.Telemetry.IncidentService.Incidents;
using StellaOps.Telemetry.ServiceDefaults.Database;
using StellaOps.Telemetry.ServiceDefaults.Redis;

namespace StellaOps.Telemetry.IncidentService.Publishing;

/// <summary>
/// Tells Redis. After a commit: what the outbox holds, at once. Every two seconds: what PostgreSQL says is compared with the hash, so a
/// Redis that was flushed, restarted empty or tampered with heals. Several replicas may do this at the same time: messages carry versions,
/// and a replica that writes an older one over a newer is put right by the next reconciliation.
/// </summary>
internal sealed partial class IncidentPublisher(
    IncidentStore incidents, IncidentTeller teller, IncidentActivator activator, RedisConnection redis, PublishSignal signal, DatabaseState database, IncidentMetrics metrics, TimeProvider time, ILogger<IncidentPublisher> logger)
    : BackgroundService
{
    /// <summary>How long a tombstone outlives the last moment at which a gateway could still take the incident for open.</summary>
    public static readonly TimeSpan TombstoneMargin = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan s_period = TimeSpan.FromSeconds(2);
    private string? _failure;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await database.WaitMigratedAsync(stoppingToken);
        long? reconciledAt = null;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                metrics.Show(await incidents.ReadAnnouncedAsync(TombstoneMargin, stoppingToken));
                await DrainAsync(stoppingToken);
                if (reconciledAt is not { } at || time.GetElapsedTime(at) >= s_period)
                {
                    await ReconcileAsync(stoppingToken);
                    reconciledAt = time.GetTimestamp();
                    redis.Report(null);
                }

                _failure = null;
            }
            catch (Exception e) when (e is NpgsqlException or RedisException or TimeoutException or ObjectDisposedException)
            {
                redis.Report(e);
                OnFailed(e);
            }

            await signal.WaitAsync(s_period, stoppingToken);
        }
    }

    /// <summary>What is raised first: one that takes another's place is in force before that one ends.</summary>
    private async Task DrainAsync(CancellationToken cancellationToken)
    {
        foreach (var incident in (await incidents.ReadOutboxAsync(cancellationToken)).OrderBy(i => i.IsOpen ? 0 : 1))
        {
            if (incident.State == IncidentState.Requested)
            {
                // Whoever started it is doing so just now; told twice, gateways would hear the same version twice.
                if (time.GetUtcNow() - incident.StartedAt < IncidentActivator.Patience)
                {
                    continue;
                }

                if (await activator.ActivateAsync(incident, cancellationToken) is { } active)
                {
                    Log.Published(logger, active.Id, active.Version, active.State);
                }

                continue;
            }

            if (incident.IsAnnounced)
            {
                await teller.TellAsync(incident, cancellationToken);
                Log.Published(logger, incident.Id, incident.Version, incident.State);
            }

            await incidents.ClearOutboxAsync(incident, cancellationToken);
        }
    }

    private async Task ReconcileAsync(CancellationToken cancellationToken)
    {
        // The hash before the table: what stood in the hash was committed before, so what the table does not name is truly no longer needed.
        var there = await teller.ReadAsync(cancellationToken);
        foreach (var incident in await incidents.ReadAnnouncedAsync(TombstoneMargin, cancellationToken))
        {
            var isThere = there.Remove(incident.Id, out var version);

            // A requested one is the outbox's: Redis may hold the version that it becomes.
            if (incident.State != IncidentState.Requested && (!isThere || version is null || version < incident.Version))
            {
                await teller.TellAsync(incident, cancellationToken);
                Log.Healed(logger, incident.Id, incident.Version, incident.State);
            }
        }

        // Nothing ends by absence, so what no gateway can still need is just taken away.
        foreach (var id in there.Keys)
        {
            await teller.ForgetAsync(id, cancellationToken);
        }
    }

    private void OnFailed(Exception exception)
    {
        // An outage is logged once; the counters that Redis's client adds after the first semicolon differ each time.
        var failure = exception.GetType().Name;
        if (_failure != failure)
        {
            _failure = failure;
            Log.Failed(logger, exception.Message.Split(';')[0]);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.Published, LogLevel.Information, "Incident {Id} version {Version} ({State}) published")]
        public static partial void Published(ILogger logger, string id, long version, IncidentState state);

        [LoggerMessage(EventIds.PublishFailed, LogLevel.Warning, "Not publishing, trying again every two seconds: {Reason}")]
        public static partial void Failed(ILogger logger, string reason);

        [LoggerMessage(EventIds.Healed, LogLevel.Information, "Redis had forgotten incident {Id} version {Version} ({State}); told again")]
        public static partial void Healed(ILogger logger, string id, long version, IncidentState state);
    }
}
