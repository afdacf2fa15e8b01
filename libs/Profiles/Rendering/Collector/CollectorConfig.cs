using StellaOps.Telemetry.Profiles.Loading;

namespace StellaOps.Telemetry.Profiles.Rendering.Collector;

/// <summary>A Collector's configuration as its sections and pipelines.</summary>
internal sealed class CollectorConfig(MappingNode root)
{
    public MappingNode Root => root;

    public IReadOnlyList<CollectorPipeline> Pipelines { get; } = [.. Children(Node(root, "service", "pipelines")).Select(p => new CollectorPipeline(p))];

    /// <summary>What <c>service.extensions</c> starts.</summary>
    public IReadOnlyList<ScalarNode> StartedExtensions { get; } = Items(Node(root, "service", "extensions"));

    /// <summary>Declared components of a section.</summary>
    public IReadOnlyList<MappingEntry> Declared(string section) => Children(Node(root, section));

    /// <summary>The type of a component's id: <c>otlp</c> of <c>otlp/gateway</c>.</summary>
    public static string TypeOf(string id) => id.Split('/')[0];

    /// <summary>What stands at a path of keys; null where there is nothing.</summary>
    public static DocumentNode? Node(DocumentNode? from, params ReadOnlySpan<string> path)
    {
        foreach (var key in path)
        {
            from = (from as MappingNode)?.Find(key);
        }

        return from;
    }

    /// <summary>The text at a path; null where there is none.</summary>
    public static string? Text(DocumentNode? from, params ReadOnlySpan<string> path) => (Node(from, path) as ScalarNode)?.Text;

    public static IReadOnlyList<MappingEntry> Children(DocumentNode? node) => (node as MappingNode)?.Entries ?? [];

    public static IReadOnlyList<ScalarNode> Items(DocumentNode? node) => node is SequenceNode list ? [.. list.Items.OfType<ScalarNode>()] : [];
}
