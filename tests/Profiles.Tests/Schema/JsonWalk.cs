using System.Globalization;
using System.Text.Json.Nodes;

namespace StellaOps.Telemetry.Profiles.Tests.Schema;

/// <summary>Finds values in a document by paths such as <c>/spec/exporters/0</c>.</summary>
internal static class JsonWalk
{
    public static JsonNode At(JsonNode root, string path) => path.Split('/', StringSplitOptions.RemoveEmptyEntries)
        .Aggregate(root, (at, step) => at is JsonArray list ? list[int.Parse(step, CultureInfo.InvariantCulture)]! : at[step]!);

    /// <summary>Every single value: where its parent stands, and its key or index there.</summary>
    public static IEnumerable<(string Parent, string Key)> Leaves(JsonNode node, string path = "")
    {
        var children = node switch
        {
            JsonObject map => map.Select(m => (m.Key, m.Value)),
            JsonArray list => list.Index().Select(i => (i.Index.ToString(CultureInfo.InvariantCulture), i.Item)),
            _ => [],
        };
        return children.SelectMany(c => c.Item2 is JsonValue ? [(path, c.Item1)] : Leaves(c.Item2!, $"{path}/{c.Item1}"));
    }
}
