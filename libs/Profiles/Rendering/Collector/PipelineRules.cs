using StellaOps.Telemetry.Profiles.Loading;
using static StellaOps.Telemetry.Profiles.Rendering.Collector.CollectorConfig;

namespace StellaOps.Telemetry.Profiles.Rendering.Collector;

/// <summary>The order within a pipeline, and what has no place in one.</summary>
internal static class PipelineRules
{
    private const string MemoryLimiter = "memory_limiter";
    private const string Redaction = "redaction";
    private const string Transform = "transform";

    private static readonly string[] s_sampling = ["tail_sampling", "probabilistic_sampler"];

    private static readonly string[] s_holding = ["batch", "groupbytrace", "groupbyattrs", "interval", "logdedup"];

    public static void Check(CollectorConfig config, CollectorPipeline pipeline, FaultList faults)
    {
        var path = $"service.pipelines.{pipeline.Name}.processors";
        if (pipeline.Processors.Count == 0 || TypeOf(pipeline.Processors[0].Text) != MemoryLimiter)
        {
            faults.Add(pipeline.Place, path, "memory_limiter is not the first", "put it first: what stands before it holds memory that it cannot refuse");
        }

        foreach (var processor in pipeline.Processors)
        {
            if (s_sampling.Contains(TypeOf(processor.Text)))
            {
                faults.Add(processor.Place, path, $"'{processor.Text}' drops records before the gateway has seen them", "remove it: the gateway samples, and its recorder keeps what it does not sample");
            }
            else if (s_holding.Contains(TypeOf(processor.Text)))
            {
                faults.Add(processor.Place, path, $"'{processor.Text}' holds in memory what was acknowledged to its sender", "remove it, and batch behind the queue with sending_queue.batch");
            }
        }

        CheckRedaction(config, pipeline, path, faults);
    }

    /// <summary>What comes after redaction would reach the queue's disk unseen by it.</summary>
    private static void CheckRedaction(CollectorConfig config, CollectorPipeline pipeline, string path, FaultList faults)
    {
        var after = pipeline.Processors.SkipWhile(p => TypeOf(p.Text) != Redaction).ToList();
        if (after.Count == 0 && config.Declared("processors").Any(p => TypeOf(p.Key) == Redaction))
        {
            faults.Add(pipeline.Place, path, "no redaction", "put the redaction processor at the end");
        }

        foreach (var processor in after.Skip(1).Where(p => TypeOf(p.Text) != Transform))
        {
            faults.Add(processor.Place, path, $"'{processor.Text}' comes after redaction", "put it before: what it adds is not redacted");
        }
    }
}
