using System.Text.Json;
using System.Text.Json.Nodes;
using Json.Schema;
using StellaOps.Telemetry.Profiles.Tests.TestServices;

namespace StellaOps.Telemetry.Profiles.Tests.Schema;

/// <summary>A published schema: to judge documents with, and to look at.</summary>
internal sealed class SchemaDocument
{
    private static readonly Lock s_lock = new();
    private static readonly Dictionary<string, SchemaDocument> s_all = new(StringComparer.Ordinal);

    private readonly JsonSchema _schema;

    private SchemaDocument(string file)
    {
        var text = File.ReadAllText(Path.Combine(ShippedDocuments.Folder, "schema", file));
        Json = JsonNode.Parse(text)!.AsObject();
        _schema = JsonSchema.FromText(text);
    }

    public JsonObject Json { get; }

    /// <summary>The schema of that kind of document; those that it refers to are known before it.</summary>
    public static SchemaDocument Of(string kind)
    {
        lock (s_lock)
        {
            foreach (var file in new[] { "profile", "profile-overlay", "redaction-policy", "notifications", "hooks" })
            {
                if (!s_all.ContainsKey(file))
                {
                    s_all[file] = new SchemaDocument(file + ".v1.schema.json");
                }
            }

            return s_all[kind];
        }
    }

    public bool Accepts(JsonNode document) => Evaluate(document).IsValid;

    /// <summary>What it says against a document; empty when nothing.</summary>
    public string Errors(JsonNode document) => Evaluate(document) is { IsValid: false, Details: var details }
        ? string.Join('\n', (details ?? []).Where(d => d.Errors is { Count: > 0 }).Select(d => $"{d.InstanceLocation}: {string.Join(", ", d.Errors!.Values)}"))
        : "";

    /// <summary>Every object of a document, with its path and the schema that is meant for it.</summary>
    public IEnumerable<(string Path, JsonObject Schema, JsonObject Value)> Objects(JsonObject document) => Objects(document, Json, "");

    /// <summary>Every schema of an object; what is said under conditions is said of one of them again.</summary>
    public IEnumerable<JsonObject> Schemas() => Schemas(Json);

    /// <summary>Follows references.</summary>
    public JsonObject Meant(JsonObject schema)
    {
        while (schema["$ref"] is JsonValue reference)
        {
            var pointer = reference.GetValue<string>();
            schema = pointer["#/".Length..].Split('/').Aggregate(Json, (at, step) => at[step]!.AsObject());
        }

        return schema;
    }

    private static IEnumerable<JsonObject> Schemas(JsonNode? node)
    {
        var children = node switch
        {
            JsonObject map => map.Where(m => m.Key is not ("if" or "then" or "else")).SelectMany(m => Schemas(m.Value)),
            JsonArray list => list.SelectMany(Schemas),
            _ => [],
        };
        return node is JsonObject own && own["type"] is not JsonObject && (own["properties"] ?? own["additionalProperties"]) is JsonObject ? children.Prepend(own) : children;
    }

    private IEnumerable<(string Path, JsonObject Schema, JsonObject Value)> Objects(JsonNode? value, JsonObject schema, string path)
    {
        switch (value)
        {
            case JsonObject map:
                var meant = Variant(schema, map);
                return map.SelectMany(m => Objects(m.Value, (meant["properties"]?[m.Key] ?? meant["additionalProperties"])!.AsObject(), $"{path}/{m.Key}")).Prepend((path, meant, map));
            case JsonArray list:
                var items = Variant(schema, list)["items"]!.AsObject();
                return list.Index().SelectMany(i => Objects(i.Item, items, $"{path}/{i.Index}"));
            default:
                return [];
        }
    }

    /// <summary>Follows references, and takes the variant that is meant for the value.</summary>
    private JsonObject Variant(JsonObject schema, JsonNode value)
    {
        schema = Meant(schema);
        return schema["oneOf"] is JsonArray variants
            ? variants.Select(v => Variant(v!.AsObject(), value)).First(v => IsMeantFor(v, value))
            : schema;
    }

    private static bool IsMeantFor(JsonObject schema, JsonNode value) => value is JsonObject map
        ? schema["properties"] is JsonObject properties && (properties["type"]?["const"] is not { } type || JsonNode.DeepEquals(type, map["type"]))
            && map.All(m => properties.ContainsKey(m.Key))
        : schema["properties"] is null;

    private EvaluationResults Evaluate(JsonNode document) =>
        _schema.Evaluate(JsonSerializer.SerializeToElement(document), new EvaluationOptions { OutputFormat = OutputFormat.List });
}
