using System.Globalization;
using System.Text.Json.Nodes;

namespace StellaOps.Telemetry.Profiles.Tests.Schema;

/// <summary>Finds values in a document by paths such as <c>/spec/exporters/0</c>, and makes documents that differ in one of them.</summary>
internal static class JsonWalk
{
    /// <summary>A key that no document knows.</summary>
    public const string Unknown = "zz_unknown_key";

    public static JsonNode At(JsonNode root, string path) => path.Split('/', StringSplitOptions.RemoveEmptyEntries)
        .Aggregate(root, (at, step) => at is JsonArray list ? list[int.Parse(step, CultureInfo.InvariantCulture)]! : at[step]!);

    /// <summary>The document with a key too many in the object at the path.</summary>
    public static JsonObject WithUnknown(JsonObject document, string path)
    {
        var copy = document.DeepClone().AsObject();
        At(copy, path).AsObject()[Unknown] = 1;
        return copy;
    }

    /// <summary>One document for every single value of this one, which has another in its place.</summary>
    public static IEnumerable<(string Path, JsonObject Document)> Replaced(JsonObject document, string json)
    {
        foreach (var (parent, key) in Leaves(document))
        {
            var copy = document.DeepClone().AsObject();
            if (At(copy, parent) is JsonArray list)
            {
                list[int.Parse(key, CultureInfo.InvariantCulture)] = JsonNode.Parse(json);
            }
            else
            {
                At(copy, parent).AsObject()[key] = JsonNode.Parse(json);
            }

            yield return ($"{parent}/{key}", copy);
        }
    }

    /// <summary>Every single value: where its parent stands, and its key or index there.</summary>
    private static IEnumerable<(string Parent, string Key)> Leaves(JsonNode node, string path = "")
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
