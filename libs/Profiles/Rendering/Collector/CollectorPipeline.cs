using StellaOps.Telemetry.Profiles.Loading;
using static StellaOps.Telemetry.Profiles.Rendering.Collector.CollectorConfig;

namespace StellaOps.Telemetry.Profiles.Rendering.Collector;

/// <summary>A pipeline: ids of what it takes from, does, and sends to.</summary>
internal sealed class CollectorPipeline(MappingEntry entry)
{
    public string Name => entry.Key;

    public DocumentPlace Place => entry.KeyPlace;

    public IReadOnlyList<ScalarNode> Receivers { get; } = Items(Node(entry.Value, "receivers"));

    public IReadOnlyList<ScalarNode> Processors { get; } = Items(Node(entry.Value, "processors"));

    public IReadOnlyList<ScalarNode> Exporters { get; } = Items(Node(entry.Value, "exporters"));
}
