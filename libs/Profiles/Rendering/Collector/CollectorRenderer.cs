using System.Globalization;
using StellaOps.Telemetry.Profiles.Gateway;
using StellaOps.Telemetry.Profiles.Model;
using StellaOps.Telemetry.Profiles.Rendering.Yaml;
using StellaOps.Telemetry.Redaction;

namespace StellaOps.Telemetry.Profiles.Rendering.Collector;

/// <summary>
/// The OpenTelemetry Collector upstream of the gateway: takes OTLP, limits memory, names the machine, redacts, and keeps what waits for the gateway on
/// its disk. It batches behind that queue and samples nothing.
/// </summary>
internal static class CollectorRenderer
{
    /// <summary>The version of the Collector's contrib distribution that this is written for.</summary>
    public const string Version = "0.139.0";

    public const string FileName = "collector.yaml";

    private const string Queue = "file_storage/queue";
    private const string Health = "health_check";
    private const string Receiver = "otlp";
    private const string Exporter = "otlp/gateway";
    private const string Transform = "transform/redaction";

    /// <summary>Bytes: a time of nine, a value, and their frame.</summary>
    private const int SmallestRecord = 16;

    /// <summary>Each signal has an exporter of its own within the Collector, and so a queue.</summary>
    private static readonly string[] s_signals = ["traces", "metrics", "logs"];

    public static RenderedFile Render(Profile profile, EdgeProfile edge, string redactionPolicyText)
    {
        var redaction = redactionPolicyText.Length == 0 ? null : new EdgeRedaction(RedactionPolicyLoader.Load(new StringReader(redactionPolicyText)));
        var root = new YamlMap
        {
            { "receivers", new YamlMap { { Receiver, EdgeReceiver.Of(profile.Ingest) } } },
            { "processors", Processors(edge, redaction) },
            { "exporters", new YamlMap { { Exporter, ExporterOf(profile, edge) } } },
            { "extensions", Extensions(edge) },
            { "service", Service(edge, redaction) },
        };
        return RenderedFile.Yaml(FileName, YamlWriter.Write(root, Comments(profile, redaction), Escape));
    }

    private static IEnumerable<string> Comments(Profile profile, EdgeRedaction? redaction)
    {
        yield return $"Rendered from profile {profile.Name} for OpenTelemetry Collector contrib {Version}. Change the profile, not this file.";
        foreach (var gap in redaction?.Gaps ?? [])
        {
            yield return $"The gateway alone redacts: {gap}.";
        }
    }

    /// <summary>The Collector expands what stands behind a dollar sign.</summary>
    private static string Escape(string text) => text.Replace("$", "$$", StringComparison.Ordinal);

    private static YamlMap Processors(EdgeProfile edge, EdgeRedaction? redaction)
    {
        var processors = new YamlMap();
        foreach (var name in edge.Processors)
        {
            processors.Add(name, name switch
            {
                EdgeProfile.MemoryLimiter => MemoryLimiter(edge.MemoryLimit),
                EdgeProfile.ResourceDetection => new YamlMap { { "detectors", (string[])["env", "system"] }, { "timeout", "2s" }, { "override", false } },
                EdgeProfile.Redaction => redaction?.Redaction(),
                _ => throw new ArgumentException($"the Collector's processor '{name}' has no rendering", nameof(edge)),
            });
            processors.Add(Transform, name == EdgeProfile.Redaction && redaction is { HasTransform: true } ? redaction.Transform() : null);
        }

        return processors;
    }

    private static YamlMap MemoryLimiter(long bytes)
    {
        var limit = Math.Max(5, bytes >> 20);
        return new YamlMap { { "check_interval", "1s" }, { "limit_mib", limit }, { "spike_limit_mib", limit / 5 } };
    }

    private static YamlMap ExporterOf(Profile profile, EdgeProfile edge) => new()
    {
        { "endpoint", string.Create(CultureInfo.InvariantCulture, $"{edge.Gateway.Host}:{edge.Gateway.Port}") },
        { "compression", "zstd" },
        { "timeout", "30s" },
        {
            "tls", new YamlMap
            {
                { "ca_file", edge.CaFile },
                { "cert_file", edge.CertFile },
                { "key_file", edge.KeyFile },
                { "min_version", "1.2" },
                { "reload_interval", "1m" },
            }
        },
        {
            "retry_on_failure", new YamlMap
            {
                { "enabled", true },
                { "initial_interval", "1s" },
                { "max_interval", "30s" },

                // 0: never given up.
                { "max_elapsed_time", "0s" },
            }
        },
        { "sending_queue", SendingQueue(profile.Ingest.Limits, edge.QueueBytes) },
    };

    private static YamlMap SendingQueue(IngestSettings limits, long bytes) => new()
    {
        { "enabled", true },
        { "storage", Queue },
        { "sizer", "bytes" },
        { "queue_size", Math.Max(1, bytes / s_signals.Length) },

        // The sender is told at once that there is no room, and tries again.
        { "block_on_overflow", false },
        { "num_consumers", 4 },
        {
            "batch", new YamlMap
            {
                { "sizer", "bytes" },
                { "flush_timeout", "200ms" },
                { "min_size", Math.Min(1L << 20, LargestRequest(limits) / 2) },
                { "max_size", Math.Min(4L << 20, LargestRequest(limits)) },
            }
        },
    };

    /// <summary>Bytes of a request that the gateway takes, whichever way it is counted: one that it refuses would be lost.</summary>
    private static long LargestRequest(IngestSettings limits) =>
        Math.Min(Math.Min(limits.MaxRequestBytes, limits.MaxDecompressedBytes), (long)limits.MaxRecordsPerRequest * SmallestRecord);

    private static YamlMap Extensions(EdgeProfile edge) => new()
    {
        { Health, new YamlMap { { "endpoint", "127.0.0.1:13133" } } },
        {
            Queue, new YamlMap
            {
                { "directory", edge.StoragePath },
                { "create_directory", true },
                { "fsync", true },
                { "timeout", "10s" },
                { "compaction", new YamlMap { { "on_rebound", true }, { "directory", edge.StoragePath }, { "cleanup_on_start", true } } },
            }
        },
    };

    private static YamlMap Service(EdgeProfile edge, EdgeRedaction? redaction)
    {
        var pipelines = new YamlMap();
        foreach (var signal in s_signals)
        {
            pipelines.Add(signal, new YamlMap
            {
                { "receivers", (string[])[Receiver] },
                { "processors", Order(edge, redaction, signal).ToList() },
                { "exporters", (string[])[Exporter] },
            });
        }

        return new YamlMap { { "extensions", (string[])[Health, Queue] }, { "pipelines", pipelines } };
    }

    private static IEnumerable<string> Order(EdgeProfile edge, EdgeRedaction? redaction, string signal)
    {
        foreach (var name in edge.Processors.Where(n => n != EdgeProfile.Redaction || redaction is not null))
        {
            yield return name;
            if (name == EdgeProfile.Redaction && signal == "traces" && redaction is { HasTransform: true })
            {
                yield return Transform;
            }
        }
    }
}
