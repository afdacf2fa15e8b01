using StellaOps.Telemetry.Contracts.Gateways;
using StellaOps.Telemetry.IngestGateway.Metrics;
using StellaOps.Telemetry.IngestGateway.Pipeline;
using StellaOps.Telemetry.OpAmp.Model;

namespace StellaOps.Telemetry.IngestGateway.Fleet;

/// <summary>
/// How the gateway does. Healthy is one that takes telemetry and whose stores take it from it: the log has no trouble, and no exporter has
/// given up on its target. What a rollout is judged by beside that are the numbers: failures, refusals, and how long records wait.
/// </summary>
internal sealed class FleetHealth(IPipelineStatus pipeline, GatewayPipelineInstruments exports, IngestInstruments ingest, TimeProvider time)
{
    private readonly ulong _startedAt = Nano(time.GetUtcNow());
    private ComponentHealth? _last;

    /// <summary>Whether what matters at once differs from what was built before the last.</summary>
    public static bool IsUrgent(ComponentHealth? before, ComponentHealth now) =>
        before is null || before.Healthy != now.Healthy || before.LastError != now.LastError || before.ComponentHealthMap.Count != now.ComponentHealthMap.Count;

    public ComponentHealth Build()
    {
        var exporters = pipeline.Exporters;
        var trouble = pipeline.Trouble;
        var failing = exporters.FirstOrDefault(IsFailing);
        var health = new ComponentHealth
        {
            Healthy = trouble is null && failing is null,
            StartTimeUnixNano = _startedAt,
            Status = trouble is not null ? "refusing" : failing is not null ? "exporter_failing" : "ok",
            LastError = trouble ?? (failing is null ? "" : $"exporter '{failing.Name}': {failing.LastError}"),
            Attributes =
            {
                FleetMessages.Attribute(KnownFleet.ExportFailures, exports.Failures),
                FleetMessages.Attribute(KnownFleet.Refusals, ingest.Refusals),
                FleetMessages.Attribute(KnownFleet.QueueOldestSeconds, (long)exporters.Select(e => e.OldestPendingSeconds).DefaultIfEmpty().Max()),
                FleetMessages.Attribute(KnownFleet.QueueRecords, exporters.Sum(e => e.PendingRecords)),
            },
        };
        health.ComponentHealthMap.Add(KnownFleet.LogComponent, new ComponentHealth { Healthy = trouble is null, LastError = trouble ?? "", StartTimeUnixNano = _startedAt, Status = trouble is null ? "ok" : "refusing" });
        foreach (var exporter in exporters)
        {
            health.ComponentHealthMap.Add(KnownFleet.ExporterComponent + exporter.Name, HealthOf(exporter));
        }

        // When the status was seen first, not when it was last looked at: the same is not said again and again.
        health.StatusTimeUnixNano = _last is { } last && last.Status == health.Status ? last.StatusTimeUnixNano : Nano(time.GetUtcNow());
        return _last = health;
    }

    private ComponentHealth HealthOf(ExporterStatus exporter) => new()
    {
        Healthy = !IsFailing(exporter),
        StartTimeUnixNano = _startedAt,
        Status = exporter.Circuit ?? "ok",
        LastError = exporter.LastError ?? "",
        Attributes =
        {
            FleetMessages.Attribute(KnownFleet.QueueOldestSeconds, (long)exporter.OldestPendingSeconds),
            FleetMessages.Attribute(KnownFleet.QueueRecords, exporter.PendingRecords),
        },
    };

    private static bool IsFailing(ExporterStatus exporter) => exporter.Circuit == "open";

    private static ulong Nano(DateTimeOffset at) => (ulong)UnixNano.Of(at);
}
