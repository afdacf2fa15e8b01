using System.Text.Json.Nodes;

namespace StellaOps.Telemetry.Redaction.Fixtures;

/// <summary>Tells the places in which two OTLP/JSON requests differ. Attributes are told apart by key, other list entries by position.</summary>
internal static class RequestDifference
{
    public static IReadOnlyList<RedactionChange> Between(JsonNode? before, JsonNode? after)
    {
        var changes = new List<RedactionChange>();
        Compare("", before, after, changes);
        return changes;
    }

    private static void Compare(string place, JsonNode? before, JsonNode? after, List<RedactionChange> changes)
    {
        switch (before, after)
        {
            case (JsonObject x, JsonObject y):
                foreach (var name in x.Select(m => m.Key).Union(y.Select(m => m.Key)))
                {
                    Compare(place.Length == 0 ? name : place + "." + name, x[name], y[name], changes);
                }

                break;
            case (JsonArray or null, JsonArray or null) when KeysOf(before) is { } x && KeysOf(after) is { } y:
                foreach (var key in x.Keys.Union(y.Keys))
                {
                    Compare($"{place}{{{key}}}", x.GetValueOrDefault(key), y.GetValueOrDefault(key), changes);
                }

                break;
            case (JsonArray x, JsonArray y):
                for (var i = 0; i < Math.Max(x.Count, y.Count); i++)
                {
                    Compare($"{place}[{i}]", i < x.Count ? x[i] : null, i < y.Count ? y[i] : null, changes);
                }

                break;
            default:
                if (!JsonNode.DeepEquals(before, after))
                {
                    changes.Add(new RedactionChange(place, Text(before), Text(after)));
                }

                break;
        }
    }

    /// <summary>The entries of a list of attributes by key; null for another list, or where a key stands twice.</summary>
    private static Dictionary<string, JsonNode>? KeysOf(JsonNode? list)
    {
        var entries = new Dictionary<string, JsonNode>(StringComparer.Ordinal);
        foreach (var entry in list as JsonArray ?? [])
        {
            if (entry is not JsonObject attribute || attribute["key"]?.GetValue<string>() is not { } key || !entries.TryAdd(key, entry))
            {
                return null;
            }
        }

        return entries;
    }

    private static string? Text(JsonNode? node) => node switch
    {
        null => null,
        JsonObject attribute when attribute["value"] is JsonObject { Count: 1 } value => Text(value.First().Value),
        JsonValue value => value.ToString(),
        _ => node.ToJsonString(),
    };
}
