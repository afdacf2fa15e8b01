using System.Globalization;
using StellaOps.Telemetry.Profiles.Loading;
using static StellaOps.Telemetry.Profiles.Rendering.Collector.CollectorConfig;

namespace StellaOps.Telemetry.Profiles.Rendering.Collector;

/// <summary>What was acknowledged waits on the disk, bounded, and is never given up.</summary>
internal static class QueueRules
{
    public static void Check(CollectorConfig config, FaultList faults)
    {
        foreach (var exporter in config.Declared("exporters"))
        {
            var path = $"exporters.{exporter.Key}";
            CheckQueue(config, exporter, path, faults);
            if (Text(exporter.Value, "retry_on_failure", "enabled") == "false")
            {
                faults.Add(Node(exporter.Value, "retry_on_failure")!.Place, path + ".retry_on_failure.enabled", "a failed request is given up", "remove it: retries are on by default");
            }

            // Five minutes by default.
            if (Text(exporter.Value, "retry_on_failure", "max_elapsed_time") is not ("0" or "0s"))
            {
                faults.Add(exporter.KeyPlace, path + ".retry_on_failure.max_elapsed_time", "is not 0, and what the gateway does not take in time is dropped", "write '0s': retries go on until the gateway answers");
            }
        }
    }

    private static void CheckQueue(CollectorConfig config, MappingEntry exporter, string path, FaultList faults)
    {
        var queue = Node(exporter.Value, "sending_queue");
        if (Text(queue, "enabled") == "false" || Text(queue, "storage") is not { } storage)
        {
            faults.Add(exporter.KeyPlace, path + ".sending_queue.storage", "the queue is in memory", "name a file_storage extension: what was acknowledged has to survive the Collector");
            return;
        }

        if (Text(queue, "sizer") != "bytes" || !long.TryParse(Text(queue, "queue_size"), NumberStyles.None, CultureInfo.InvariantCulture, out var size) || size == 0)
        {
            faults.Add(queue!.Place, path + ".sending_queue.queue_size", "no bound in bytes", "write 'sizer: bytes' and a queue_size");
        }

        var extension = config.Declared("extensions").FirstOrDefault(e => e.Key == storage);
        if (TypeOf(storage) != "file_storage" || extension is null || config.StartedExtensions.All(e => e.Text != storage))
        {
            faults.Add(queue!.Place, path + ".sending_queue.storage", $"'{storage}' is no file_storage extension that service.extensions starts", "declare it, and start it");
        }
        else if (Text(extension.Value, "fsync") != "true")
        {
            faults.Add(extension.KeyPlace, $"extensions.{storage}.fsync", "off, which is its default", "write 'fsync: true': the queue has to survive the machine");
        }
    }
}
