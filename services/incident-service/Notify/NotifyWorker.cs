using StellaOps.Telemetry.IncidentService.Notify.Deliveries;
using StellaOps.Telemetry.IncidentService.Notify.Escalation;
using StellaOps.Telemetry.IncidentService.Notify.Outbox;
using StellaOps.Telemetry.IncidentService.Notify.Targets;
using StellaOps.Telemetry.ServiceDefaults.Database;

namespace StellaOps.Telemetry.IncidentService.Notify;

/// <summary>
/// Looks whenever something was written, and each second: 1. events become deliveries, 2. incidents that nobody acknowledged become events,
/// 3. deliveries that are due are sent. Every replica does so, and each step lets only one of them at a row.
/// </summary>
internal sealed partial class NotifyWorker(
    ChannelWatch watch, FanOut fanOut, Escalator escalator, DeliveryPump pump, DeliveryStore store, NotifyTargetsState targets, NotifyInstruments instruments, TimeProvider time, ILogger<NotifyWorker> logger)
    : BackgroundService
{
    private static readonly TimeSpan s_gaugePeriod = TimeSpan.FromSeconds(1);
    private long? _gaugedAt;
    private bool _failing;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await watch.RunAsync(NotifyOutbox.Channel, LookAsync, OnFailed, stoppingToken);
        }
        finally
        {
            await pump.StopAsync();
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        var current = targets.Current;
        await fanOut.RunAsync(current, cancellationToken);
        await escalator.RunAsync(current, cancellationToken);
        await pump.StartDueAsync(cancellationToken);
        if (_gaugedAt is not { } at || time.GetElapsedTime(at) >= s_gaugePeriod)
        {
            instruments.OnOldestPending(await store.OldestPendingAsync(cancellationToken));
            _gaugedAt = time.GetTimestamp();
        }

        _failing = false;
    }

    private void OnFailed(string reason)
    {
        if (!_failing)
        {
            Log.Waiting(logger, reason);
        }

        _failing = true;
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.NotifyWaiting, LogLevel.Warning, "Nobody is told of incidents until PostgreSQL is back: {Reason}")]
        public static partial void Waiting(ILogger logger, string reason);
    }
}
