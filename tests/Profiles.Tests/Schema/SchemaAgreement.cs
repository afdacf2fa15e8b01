using System.Text.Json;
using System.Text.Json.Nodes;
using StellaOps.Telemetry.Profiles.Validation;

namespace StellaOps.Telemetry.Profiles.Tests.Schema;

/// <summary>Asserts that a schema and the reader of its documents agree, on a document in which every key is present.</summary>
/// <param name="read">Reads a document's text; JSON is YAML.</param>
internal sealed class SchemaAgreement(SchemaDocument schema, JsonObject full, Func<string, IReadOnlyList<ProfileFault>> read)
{
    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true };

    public IReadOnlyList<ProfileFault> Read(JsonObject document) => read(document.ToJsonString(s_indented));

    public void BothTakeTheFullDocument()
    {
        Assert.Equal("", schema.Errors(full));
        Assert.Empty(Read(full));
    }

    /// <summary>The reader says which keys it knows when it meets one that it does not: these are the schema's, no more and no fewer.</summary>
    public void BothKnowTheSameKeys()
    {
        var visited = new HashSet<JsonObject>(ReferenceEqualityComparer.Instance);
        foreach (var (path, meant, _) in schema.Objects(full))
        {
            visited.Add(meant);
            if (meant["additionalProperties"] is JsonObject)
            {
                continue;
            }

            var document = JsonWalk.WithUnknown(full, path);

            Assert.False(schema.Accepts(document), $"the schema takes any key at '{path}'");
            var fault = Assert.Single(Read(document), f => f.Path.EndsWith(JsonWalk.Unknown, StringComparison.Ordinal));
            Assert.Equal(string.Join(", ", meant["properties"]!.AsObject().Select(p => p.Key).Order(StringComparer.Ordinal)), fault.Fix.Split(": ", 2)[^1]);
        }

        Assert.Empty(schema.Schemas().Where(s => !visited.Contains(s)).Select(s => s.GetPath()));
    }

    public void EveryKeyOfTheSchemaIsPresentAndDescribed()
    {
        var present = schema.Objects(full).SelectMany(o => o.Value.Select(v => (o.Schema, v.Key))).ToHashSet();
        foreach (var described in schema.Schemas().Where(s => s["properties"] is not null))
        {
            foreach (var (key, property) in described["properties"]!.AsObject())
            {
                Assert.True(present.Contains((described, key)), $"{described.GetPath()}.{key} is not in the full document");
                Assert.True((property!["description"] ?? schema.Meant(property.AsObject())["description"]) is not null, $"{described.GetPath()}.{key} has no description");
            }
        }
    }

    /// <summary>Replaces each single value in turn.</summary>
    /// <param name="isOfTheReaderAlone">Which faults a schema, that sees one value at a time, cannot find.</param>
    /// <param name="moreThan">How many are refused at least; else the nonsense was sense.</param>
    public void NonsenseIsRefusedByBothOrByNeither(string nonsense, Func<ProfileFault, bool> isOfTheReaderAlone, int moreThan)
    {
        var refused = 0;
        foreach (var (path, document) in JsonWalk.Replaced(full, nonsense))
        {
            var faults = Read(document).Where(f => !isOfTheReaderAlone(f)).ToList();
            if (schema.Accepts(document) != (faults.Count == 0))
            {
                Assert.Fail($"{path} = {nonsense}: the reader says '{string.Join("; ", faults)}', the schema '{schema.Errors(document)}'");
            }

            refused += faults.Count > 0 ? 1 : 0;
        }

        Assert.True(refused > moreThan, $"only {refused} refused");
    }
}
