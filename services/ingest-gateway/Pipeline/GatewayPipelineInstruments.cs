using System.Diagnostics.Metrics;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.IngestGateway.Pipeline;

/// <summary>The pipeline's events as metrics. Names become those of the published contract when written as Prometheus text.</summary>
internal sealed class GatewayPipelineInstruments
{
    public const string MeterName = "StellaOps.Telemetry.IngestGateway.Pipeline";

    private readonly Meter _meter;
    private readonly Counter<long> _decisions;
    private readonly Counter<long> _failures;
    private readonly Counter<long> _exported;
    private readonly Counter<long> _archived;
    private long _failed;

    public GatewayPipelineInstruments(IMeterFactory factory)
    {
        _meter = factory.Create(MeterName);
        _decisions = _meter.CreateCounter<long>("telemetry.sampling.decisions", description: "Traces decided, by policy and decision");
        _failures = _meter.CreateCounter<long>("collector.export.failures", description: "Failed export attempts, by exporter and reason");
        _exported = _meter.CreateCounter<long>("telemetry.export.records", description: "Records that left an exporter, by outcome");
        _archived = _meter.CreateCounter<long>("telemetry.archive.bytes", description: "Bytes stored in the archive, compressed");
    }

    public void OnTracesDecided(string policy, bool kept, long traces) =>
        _decisions.Add(traces, new("policy", policy), new("decision", kept ? "kept" : "sampled_out"));

    /// <summary>Export attempts that failed since the start, whichever exporter's.</summary>
    public long Failures => Interlocked.Read(ref _failed);

    public void OnExportFailed(string exporter, string reason)
    {
        Interlocked.Increment(ref _failed);
        _failures.Add(1, new("exporter", exporter), new("reason", reason));
    }

    public void OnExported(string exporter, string outcome, long records) => _exported.Add(records, new("exporter", exporter), new("outcome", outcome));

    public void OnArchived(TenantId tenant, Signal signal, string tier, long bytes) =>
        _archived.Add(bytes, new("tenant", tenant.Value), new("signal", signal.ToName()), new("tier", tier));

    /// <summary>Starts observing what the pipeline says of itself.</summary>
    public void Observe(IPipelineStatus status, Func<IReadOnlyDictionary<string, long>> deadLetters)
    {
        _meter.CreateObservableGauge("telemetry.sampling.buffer.traces", () => status.BufferedTraces, description: "Traces held undecided");
        _meter.CreateObservableGauge("telemetry.recorder.span.seconds", () => status.RecorderSpanSeconds, description: "How far back the log reaches");
        _meter.CreateObservableGauge("telemetry.log.bytes", () => status.LogBytes, description: "Bytes of the log's files");
        _meter.CreateObservableGauge("telemetry.spill.bytes", () => status.SpillBytes, description: "Bytes copied aside for exporters that lag behind the log");
        _meter.CreateObservableGauge("telemetry.log.trouble", () => status.Trouble is null ? 0 : 1, description: "1 while the disk or a bound makes the log refuse, or soon will");
        _meter.CreateObservableCounter("telemetry.log.lost.batches", () => status.LostBatches, description: "Logged batches that the disk did not give back");
        _meter.CreateObservableGauge(
            "telemetry.queue.records",
            () => status.Exporters.Select(e => new Measurement<long>(e.PendingRecords, new KeyValuePair<string, object?>("exporter", e.Name))),
            description: "Kept records that an exporter has not yet delivered");
        _meter.CreateObservableGauge(
            "telemetry.queue.oldest.seconds",
            () => status.Exporters.Select(e => new Measurement<double>(e.OldestPendingSeconds, new KeyValuePair<string, object?>("exporter", e.Name))),
            description: "Age of the oldest of them");
        _meter.CreateObservableGauge(
            "telemetry.exporter.circuit.open",
            () => status.Exporters.Where(e => e.Circuit is not null).Select(e => new Measurement<int>(e.Circuit == "closed" ? 0 : 1, new KeyValuePair<string, object?>("exporter", e.Name))),
            description: "1 while an exporter leaves its failing target alone");
        _meter.CreateObservableGauge(
            "telemetry.deadletter.records",
            () => deadLetters().Select(d => new Measurement<long>(d.Value, new KeyValuePair<string, object?>("exporter", d.Key))),
            description: "Records that a store refused for good");
    }
}
