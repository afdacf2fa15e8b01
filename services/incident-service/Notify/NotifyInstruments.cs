using System.Diagnostics.Metrics;

namespace StellaOps.Telemetry.IncidentService.Notify;

/// <summary>Notifications as metrics; kinds and outcomes are fixed sets.</summary>
internal sealed class NotifyInstruments
{
    public const string MeterName = "StellaOps.Telemetry.IncidentService.Notify";

    private readonly Counter<long> _attempts;
    private readonly Counter<long> _dead;
    private readonly Counter<long> _escalations;
    private readonly TimeProvider _time;

    // Ticks of UTC; 0: nothing is pending. Written by the worker, read by the scrape.
    private long _oldestPending;

    public NotifyInstruments(IMeterFactory factory, TimeProvider time)
    {
        _time = time;
        var meter = factory.Create(MeterName);
        _attempts = meter.CreateCounter<long>("telemetry.notify.deliveries", description: "Attempts to deliver a notification, by kind of target and outcome (delivered, retry, dead)");
        _dead = meter.CreateCounter<long>("telemetry.notify.dead_letters", description: "Notifications that were given up, by kind of target");
        _escalations = meter.CreateCounter<long>("telemetry.notify.escalations", description: "Incidents that others were told of, since nobody acknowledged them in time");
        meter.CreateObservableGauge("telemetry.notify.oldest_pending.seconds", OldestPendingSeconds, description: "How long the oldest notification has been waiting to be delivered; 0 when none is");
    }

    public void OnDelivered(string kind) => _attempts.Add(1, new("kind", kind), new("outcome", "delivered"));

    public void OnRetry(string kind) => _attempts.Add(1, new("kind", kind), new("outcome", "retry"));

    public void OnDead(string kind)
    {
        _attempts.Add(1, new("kind", kind), new("outcome", "dead"));
        _dead.Add(1, new KeyValuePair<string, object?>("kind", kind));
    }

    public void OnEscalated() => _escalations.Add(1);

    public void OnOldestPending(DateTimeOffset? since) => Interlocked.Exchange(ref _oldestPending, since?.UtcTicks ?? 0);

    private double OldestPendingSeconds() =>
        Interlocked.Read(ref _oldestPending) is > 0 and var ticks ? Math.Max(0, (_time.GetUtcNow() - new DateTimeOffset(ticks, TimeSpan.Zero)).TotalSeconds) : 0;
}
