using System.Globalization;
using StellaOps.Telemetry.Contracts.Fleet;
using StellaOps.Telemetry.Contracts.Gateways;
using StellaOps.Telemetry.IngestGateway.Pipeline;
using StellaOps.Telemetry.OpAmp.Model;

namespace StellaOps.Telemetry.IngestGateway.Fleet;

/// <summary>
/// How the gateway does. Healthy is one that takes telemetry and whose stores take it from it: the log has no trouble, and no exporter has
/// given up on its target. What a rollout is judged by beside that are the numbers: failures, refusals, and how long records wait.
/// </summary>
/// <param name="exportFailures">Export attempts that failed since the start.</param>
/// <param name="refusals">Requests that were refused since the start for a reason of the gateway's own.</param>
internal sealed class FleetHealth(IPipelineStatus pipeline, Func<long> exportFailures, Func<long> refusals, TimeProvider time)
{
    public const string LogComponent = "log";
    public const string ExporterComponents = "exporter/";
    private const string Ok = "ok";

    private readonly ulong _startedAt = (ulong)UnixNano.Of(time.GetUtcNow());

    // When the status was seen first, not when it was last looked at: the same is not said again and again.
    private (string Status, ulong At) _since = ("", 0);

    /// <summary>Whether more differs than numbers that only grow.</summary>
    public static bool IsUrgent(ComponentHealth? before, ComponentHealth now) =>
        before is null || (before.Healthy, before.Status, before.LastError, before.ComponentHealthMap.Count) != (now.Healthy, now.Status, now.LastError, now.ComponentHealthMap.Count);

    public ComponentHealth Build()
    {
        var exporters = pipeline.Exporters;
        var trouble = pipeline.Trouble;
        var failing = exporters.FirstOrDefault(IsFailing);
        var health = Component(trouble is null && failing is null, trouble is not null ? "refusing" : failing is not null ? "exporter_failing" : Ok, trouble ?? (failing is null ? "" : $"exporter '{failing.Name}': {failing.LastError}"));
        if (health.Status != _since.Status)
        {
            _since = (health.Status, (ulong)UnixNano.Of(time.GetUtcNow()));
        }

        health.StatusTimeUnixNano = _since.At;
        health.ComponentHealthMap.Add(LogComponent, Component(trouble is null, trouble is null ? Ok : "refusing", trouble ?? ""));
        health.ComponentHealthMap.Add(KnownFleet.MetricsComponent, Component(true, Metrics(exporters), ""));
        foreach (var exporter in exporters)
        {
            health.ComponentHealthMap.Add(ExporterComponents + exporter.Name, Component(!IsFailing(exporter), exporter.Circuit ?? Ok, exporter.LastError ?? ""));
        }

        return health;
    }

    private string Metrics(IReadOnlyList<ExporterStatus> exporters) => string.Create(
        CultureInfo.InvariantCulture,
        $"{KnownFleet.ExportFailures}={exportFailures()} {KnownFleet.Refusals}={refusals()} {KnownFleet.QueueOldestSeconds}={exporters.Select(e => e.OldestPendingSeconds).DefaultIfEmpty().Max():0}");

    private ComponentHealth Component(bool isHealthy, string status, string error) => new() { Healthy = isHealthy, StartTimeUnixNano = _startedAt, Status = status, LastError = error };

    private static bool IsFailing(ExporterStatus exporter) => exporter.Circuit == "open";
}
