using System.Collections.Frozen;
using System.Diagnostics.Metrics;
using StellaOps.Telemetry.CaptureWorker.Jobs;
using StellaOps.Telemetry.CaptureWorker.Retention.Leaving;
using StellaOps.Telemetry.CaptureWorker.Retention.Planning;
using StellaOps.Telemetry.CaptureWorker.Retention.Policy;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Archive;

namespace StellaOps.Telemetry.CaptureWorker.Retention.Sweeping;

/// <summary>Metrics of retention. Tenants are registered ones: nobody else has anything in the archive.</summary>
internal sealed class RetentionInstruments
{
    private readonly TimeProvider _time;
    private readonly Counter<long> _chunks;
    private readonly Counter<long> _bytes;
    private readonly Counter<long> _failures;
    private readonly Counter<long> _left;
    private volatile FrozenDictionary<StoredScope, StoredSum> _stored = FrozenDictionary<StoredScope, StoredSum>.Empty;
    private long _lastSweep;

    public RetentionInstruments(IMeterFactory meters, PolicyState policy, TimeProvider time)
    {
        _time = time;
        var meter = meters.Create(CaptureInstruments.MeterName);
        _chunks = meter.CreateCounter<long>("telemetry_retention_chunks", "{chunk}", "Chunks that retention took away or rewrote, by action.");
        _bytes = meter.CreateCounter<long>("telemetry_retention_bytes", "By", "Stored bytes of the chunks that retention took away or replaced, by action.");
        _failures = meter.CreateCounter<long>("telemetry_retention_failures", "{failure}", "Sweeps that failed for a tenant, or whole (tenant \"\").");
        _left = meter.CreateCounter<long>("telemetry_retention_left_chunks", "{chunk}", "Chunks that a sweep had to leave, by reason; each again in every sweep.");

        // A counter that comes up with its first failure has no rise that an alert could see.
        AddFailures("", 0);
        AddLeft("damaged", 0);
        AddLeft("refused", 0);
        meter.CreateObservableGauge<long>("telemetry_archive_stored_bytes", () => Of(s => s.Bytes), "By", "What the archive holds, as the last sweep found it.");
        meter.CreateObservableGauge<long>("telemetry_archive_chunks", () => Of(s => s.Chunks), "{chunk}", "Chunks of the archive, as the last sweep found them.");
        meter.CreateObservableGauge<int>("telemetry_retention_policy_known", () => policy.Current is null ? 0 : 1, description: "Whether a policy is in force: while none is, nothing is deleted.");
        meter.CreateObservableGauge<int>("telemetry_retention_policy_refused", () => policy.Fault is null ? 0 : 1, description: "Whether the profile's files say something else than what is in force.");
        meter.CreateObservableGauge<double>("telemetry_retention_last_sweep", SinceLastSweep, "s", "Since this worker last ended a sweep of the whole archive.");
    }

    public void OnRemoved(RetentionDecision decision)
    {
        KeyValuePair<string, object?>[] tags =
        [
            new("tenant", decision.Chunk.Tenant.Value), new("signal", decision.Chunk.Signal.ToName()), new("tier", decision.Chunk.Tier), new("action", NameOf(decision.Action)),
        ];
        _chunks.Add(1, tags);
        _bytes.Add(decision.Chunk.StoredBytes, tags);
    }

    public void OnFailed(string tenant) => AddFailures(tenant, 1);

    public void OnLeft(LeftChunks left)
    {
        var damaged = left.Tried.Values.Count(l => l.IsDamaged);
        AddLeft("damaged", damaged);
        AddLeft("refused", left.Tried.Count - damaged);
    }

    public void OnListed(IReadOnlyDictionary<StoredScope, StoredSum> stored) => _stored = stored.ToFrozenDictionary();

    public void OnSwept() => Interlocked.Exchange(ref _lastSweep, _time.GetTimestamp());

    private IEnumerable<Measurement<double>> SinceLastSweep() => Interlocked.Read(ref _lastSweep) is var last and not 0 ? [new(_time.GetElapsedTime(last).TotalSeconds)] : [];

    private IEnumerable<Measurement<long>> Of(Func<StoredSum, long> value) => _stored.Select(s => new Measurement<long>(
        value(s.Value), new KeyValuePair<string, object?>("tenant", s.Key.Tenant), new("signal", s.Key.Signal), new("tier", s.Key.Tier), new("temperature", s.Key.Temperature)));

    private void AddFailures(string tenant, long count) => _failures.Add(count, new KeyValuePair<string, object?>("tenant", tenant));

    private void AddLeft(string reason, long chunks) => _left.Add(chunks, new KeyValuePair<string, object?>("reason", reason));

    private static string NameOf(ArchiveAction action) => action.ToString().ToLowerInvariant();
}
