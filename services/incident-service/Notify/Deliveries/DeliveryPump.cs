using Microsoft.Extensions.Options;
using Npgsql;
using StellaOps.Telemetry.IncidentService.Notify.Senders;
using StellaOps.Telemetry.IncidentService.Notify.Targets;
using StellaOps.Telemetry.Profiles.Notifying;

namespace StellaOps.Telemetry.IncidentService.Notify.Deliveries;

/// <summary>Sends what is due, a bounded number at once for each target, so that one that hangs holds up no other.</summary>
internal sealed partial class DeliveryPump(
    DeliveryStore store, NotifySender sender, NotifyTargetsState targets, NotifyInstruments instruments, IOptions<NotifyOptions> options, TimeProvider time, ILogger<DeliveryPump> logger)
    : IDisposable
{
    /// <summary>Replicas take over a changed document within seconds of each other.</summary>
    private static readonly TimeSpan s_patienceForTarget = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _abort = new();
    private readonly Lock _lock = new();

    // By target; bounded by MaxPerTarget each.
    private readonly Dictionary<string, int> _lanes = new(StringComparer.Ordinal);
    private readonly HashSet<Task> _running = [];
    private bool _isStopping;

    /// <summary>Claims what may be sent now and starts sending it.</summary>
    public async Task StartDueAsync(CancellationToken cancellationToken)
    {
        foreach (var name in await store.DueTargetsAsync(cancellationToken))
        {
            if (targets.Current.Find(name) is not { } target)
            {
                if (await store.DropAsync(name, s_patienceForTarget, cancellationToken) is > 0 and var dropped)
                {
                    Log.Dropped(logger, dropped, name);
                }

                continue;
            }

            var free = FreeLanes(name);
            if (free > 0)
            {
                foreach (var delivery in await store.ClaimAsync(name, free, LeaseOf(target), cancellationToken))
                {
                    Start(target, delivery);
                }
            }
        }
    }

    /// <summary>Claims nothing more, and waits for what is on its way; what takes too long is left to others.</summary>
    public async Task StopAsync()
    {
        Task[] running;
        lock (_lock)
        {
            _isStopping = true;
            running = [.. _running];
        }

        var all = Task.WhenAll(running);
        await Task.WhenAny(all, Task.Delay(s_grace, TimeProvider.System));
        await _abort.CancelAsync();
        await all;
    }

    public void Dispose() => _abort.Dispose();

    private int FreeLanes(string target)
    {
        lock (_lock)
        {
            return _isStopping ? 0 : options.Value.MaxPerTarget - _lanes.GetValueOrDefault(target);
        }
    }

    private void Start(NotifyTarget target, Delivery delivery)
    {
        lock (_lock)
        {
            _lanes[target.Name] = _lanes.GetValueOrDefault(target.Name) + 1;
            var lane = new TaskCompletionSource();
            _running.Add(lane.Task);
            _ = RunLaneAsync(target, delivery, lane);
        }
    }

    private async Task RunLaneAsync(NotifyTarget target, Delivery delivery, TaskCompletionSource lane)
    {
        await Task.Yield();
        try
        {
            await DeliverAsync(target, delivery);
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException)
        {
            // The target may have it: it is sent again, with the same id, when the lease runs out.
            Log.NotRecorded(logger, delivery.EventId, target.Name, e.Message);
        }
        finally
        {
            lock (_lock)
            {
                _lanes[target.Name]--;
                _running.Remove(lane.Task);
            }

            lane.SetResult();
        }
    }

    private async Task DeliverAsync(NotifyTarget target, Delivery delivery)
    {
        DeliveryResult result;
        try
        {
            result = await sender.SendAsync(target, delivery, _abort.Token);
        }
        catch (OperationCanceledException) when (_abort.IsCancellationRequested)
        {
            await store.ReleaseAsync(delivery, CancellationToken.None);
            return;
        }
        catch (Exception e)
        {
            // The boundary of whatever a peer can make libraries throw: one delivery fails, and the type is all that is said of it.
            Log.Unexpected(logger, delivery.EventId, target.Name, e);
            result = DeliveryResult.Retryable($"unexpected: {e.GetType().Name}");
        }

        await RecordAsync(target, delivery, result);
    }

    private async Task RecordAsync(NotifyTarget target, Delivery delivery, DeliveryResult result)
    {
        var kind = target.Channel.Kind;
        if (result.Outcome == DeliveryOutcome.Delivered)
        {
            await store.DeliveredAsync(delivery, CancellationToken.None);
            instruments.OnDelivered(kind);
            Log.Delivered(logger, delivery.EventId, target.Name, delivery.Attempts);
            return;
        }

        var due = result.Outcome == DeliveryOutcome.Retryable
            ? Backoff.Next(target.Retry, delivery.Attempts, delivery.TriedSince, time.GetUtcNow(), result.RetryAfter, Random.Shared.NextDouble())
            : null;
        if (due is { } at)
        {
            await store.RetryAsync(delivery, at, result.Reason, CancellationToken.None);
            instruments.OnRetry(kind);
            Log.Failed(logger, delivery.EventId, target.Name, delivery.Attempts, at, result.Reason);
            return;
        }

        var reason = result.Outcome == DeliveryOutcome.Final ? result.Reason : Reasons.Of($"given up after {delivery.Attempts} attempts: {result.Reason}");
        await store.DeadAsync(delivery, reason, CancellationToken.None);
        instruments.OnDead(kind);
        Log.Dead(logger, delivery.EventId, target.Name, reason);
    }

    private TimeSpan LeaseOf(NotifyTarget target) => target.Timeout + options.Value.LeaseMargin;

    private static partial class Log
    {
        [LoggerMessage(EventIds.NotifyDelivered, LogLevel.Information, "Event {Event} delivered to {Target}, attempt {Attempt}")]
        public static partial void Delivered(ILogger logger, string @event, string target, int attempt);

        [LoggerMessage(EventIds.NotifyFailed, LogLevel.Warning, "Event {Event} not delivered to {Target} at attempt {Attempt}, again at {Due}: {Reason}")]
        public static partial void Failed(ILogger logger, string @event, string target, int attempt, DateTimeOffset due, string reason);

        [LoggerMessage(EventIds.NotifyDead, LogLevel.Error, "Event {Event} given up for {Target}, a dead letter: {Reason}")]
        public static partial void Dead(ILogger logger, string @event, string target, string reason);

        [LoggerMessage(EventIds.NotifyDropped, LogLevel.Error, "{Count} events given up for {Target}, which is no target any more")]
        public static partial void Dropped(ILogger logger, int count, string target);

        [LoggerMessage(EventIds.NotifyUnexpected, LogLevel.Error, "Event {Event} not delivered to {Target}")]
        public static partial void Unexpected(ILogger logger, string @event, string target, Exception exception);

        [LoggerMessage(EventIds.NotifyNotRecorded, LogLevel.Warning, "What became of event {Event} at {Target} is not recorded, it is sent again: {Reason}")]
        public static partial void NotRecorded(ILogger logger, string @event, string target, string reason);
    }
}
