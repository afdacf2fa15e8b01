using StellaOps.Telemetry.Profiles.Loading;
using StellaOps.Telemetry.Profiles.Validation;

namespace StellaOps.Telemetry.Profiles.Rendering.Collector;

/// <summary>
/// Judges a configuration of the OpenTelemetry Collector by what an edge Collector has to hold to: what is used is declared and the reverse, memory
/// is limited first, redaction comes last, the queue is on disk with fsync and nothing batches or samples before it, and every connection is TLS.
/// </summary>
public static class CollectorConfigValidator
{
    /// <summary>Every fault that one pass finds; none for a lawful configuration.</summary>
    /// <param name="file">How faults name the document.</param>
    public static IReadOnlyList<ProfileFault> Validate(string text, string file)
    {
        var faults = new FaultList();
        switch (DocumentParser.Parse(text, file, faults))
        {
            case MappingNode root:
                Check(new CollectorConfig(root), faults);
                break;
            case { } other:
                faults.Add(other.Place, "", "not a mapping", "begin with 'receivers:'");
                break;
        }

        return faults.InOrder();
    }

    private static void Check(CollectorConfig config, FaultList faults)
    {
        DeclarationRules.Check(config, faults);
        foreach (var pipeline in config.Pipelines)
        {
            PipelineRules.Check(config, pipeline, faults);
        }

        QueueRules.Check(config, faults);
        TransportRules.Check(config, faults);
    }
}
