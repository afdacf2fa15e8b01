using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using StellaOps.Telemetry.Profiles.Resolving;
using StellaOps.Telemetry.Profiles.Tests.TestServices;
using StellaOps.Telemetry.Profiles.Validation;

namespace StellaOps.Telemetry.Profiles.Tests.Schema;

/// <summary>What an editor is told of profiles is what the reader takes.</summary>
public sealed class ProfileSchemaTests
{
    private const string Unknown = "zz_unknown_key";

    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true };

    private readonly SchemaDocument _schema = SchemaDocument.Of("profile");

    [Fact]
    public void FullProfile_SchemaAndReader_TakeIt()
    {
        var full = Full();

        Assert.Equal("", _schema.Errors(full));
        Assert.Empty(Read(full));
    }

    /// <summary>The reader says which keys it knows when it meets one that it does not: these are the schema's, no more and no fewer.</summary>
    [Fact]
    public void EveryObject_SchemaAndReader_KnowTheSameKeys()
    {
        var visited = new HashSet<JsonObject>(ReferenceEqualityComparer.Instance);
        foreach (var (path, schema, _) in _schema.Objects(Full()))
        {
            visited.Add(schema);
            if (schema["additionalProperties"] is JsonObject)
            {
                continue;
            }

            var document = Full();
            JsonWalk.At(document, path).AsObject()[Unknown] = 1;

            Assert.False(_schema.Accepts(document), $"the schema takes any key at '{path}'");
            var fault = Assert.Single(Read(document), f => f.Path.EndsWith(Unknown, StringComparison.Ordinal));
            Assert.Equal(string.Join(", ", schema["properties"]!.AsObject().Select(p => p.Key).Order(StringComparer.Ordinal)), fault.Fix.Split(": ", 2)[^1]);
        }

        Assert.Empty(_schema.Schemas().Where(s => !visited.Contains(s)).Select(s => s.GetPath()));
    }

    [Fact]
    public void EveryKeyOfTheSchema_IsInTheFullProfileAndDescribed()
    {
        var present = _schema.Objects(Full()).Where(o => o.Schema["properties"] is not null)
            .SelectMany(o => o.Value.Select(v => (o.Schema, v.Key))).ToHashSet();

        foreach (var schema in _schema.Schemas().Where(s => s["properties"] is not null))
        {
            foreach (var (key, property) in schema["properties"]!.AsObject())
            {
                Assert.True(present.Contains((schema, key)), $"{schema.GetPath()}.{key} is not in full.yaml");
                Assert.True(property!["description"] is not null || property["$ref"] is not null, $"{schema.GetPath()}.{key} has no description");
            }
        }
    }

    [Theory]
    [InlineData("""{ "zz": 1 }""")]
    [InlineData("\"@@ !!\"")]
    [InlineData("[[1]]")]
    [InlineData("\"\"")]
    [InlineData("-7")]
    public void EveryValue_ReplacedByNonsense_IsRefusedByBothOrByNeither(string nonsense)
    {
        var refused = 0;
        foreach (var (parent, key) in JsonWalk.Leaves(Full()).ToList())
        {
            var document = Full();
            var replacement = JsonNode.Parse(nonsense);
            if (JsonWalk.At(document, parent) is JsonArray array)
            {
                array[int.Parse(key, CultureInfo.InvariantCulture)] = replacement;
            }
            else
            {
                JsonWalk.At(document, parent).AsObject()[key] = replacement;
            }

            var faults = Read(document).Where(f => !IsAboutMoreThanOneValue(f)).ToList();
            if (_schema.Accepts(document) != (faults.Count == 0))
            {
                Assert.Fail($"{parent}/{key} = {nonsense}: the reader says '{string.Join("; ", faults)}', the schema '{_schema.Errors(document)}'");
            }

            refused += faults.Count > 0 ? 1 : 0;
        }

        Assert.True(refused > 100, $"only {refused} refused");
    }

    [Theory]
    [InlineData("default", "profile")]
    [InlineData("forensic", "profile")]
    [InlineData("airgap", "profile")]
    [InlineData("overlays/prod/default", "profile-overlay")]
    [InlineData("redaction/baseline", "redaction-policy")]
    public void ShippedDocument_ItsSchema_TakesItAndIsNamedInIt(string document, string kind)
    {
        var file = Path.Combine(ShippedDocuments.Folder, document + ".yaml");
        var text = File.ReadAllText(file);

        Assert.Equal("", SchemaDocument.Of(kind).Errors(YamlJson.Parse(text)));
        const string Mark = "# yaml-language-server: $schema=";
        var line = text.Split('\n')[0];
        Assert.StartsWith(Mark, line, StringComparison.Ordinal);
        Assert.Equal(
            Path.Combine(ShippedDocuments.Folder, "schema", kind + ".v1.schema.json"),
            Path.GetFullPath(line[Mark.Length..], Path.GetDirectoryName(file)!));
    }

    [Fact]
    public void Profile_WithoutParent_NeedsWhatHasNoDefault()
    {
        foreach (var key in new[] { "environment", "redaction", "durability", "sampling" })
        {
            var document = YamlJson.Parse(ProfileTexts.Minimal);
            document["spec"]!.AsObject().Remove(key);
            document["metadata"]!["name"] = "d";

            Assert.False(_schema.Accepts(document), key);
            Assert.NotEmpty(Read(document));
            document["extends"] = "small";
            Assert.True(_schema.Accepts(document), key);
            Assert.Empty(Read(document));
        }
    }

    [Fact]
    public void Overlay_AnythingThatAProfileMaySay_MayBePartOfIt()
    {
        var overlay = Full();
        overlay["kind"] = "ProfileOverlay";
        overlay.Remove("extends");

        Assert.Equal("", SchemaDocument.Of("profile-overlay").Errors(overlay));
        overlay["spec"]!["durability"] = "sometimes";
        Assert.False(SchemaDocument.Of("profile-overlay").Accepts(overlay));
        Assert.False(SchemaDocument.Of("profile-overlay").Accepts(Full()));
    }

    private static JsonObject Full()
    {
        using var stream = typeof(ProfileSchemaTests).Assembly.GetManifestResourceStream("full.yaml")!;
        return YamlJson.Parse(new StreamReader(stream).ReadToEnd());
    }

    /// <summary>JSON is YAML.</summary>
    private static IReadOnlyList<ProfileFault> Read(JsonObject document)
    {
        var documents = new MemoryDocuments { ["small.yaml"] = ProfileTexts.Minimal };
        return ProfileResolver.Resolve(documents, new ProfileDocument("d.yaml", document.ToJsonString(s_indented)), null).Faults;
    }

    /// <summary>A schema sees one value at a time. What needs two of them, or another document, is the reader's alone.</summary>
    private static bool IsAboutMoreThanOneValue(ProfileFault fault) =>
        fault.Problem.Contains("there is no ", StringComparison.Ordinal) || fault.Problem.Contains("is no composite_sub_policy", StringComparison.Ordinal)
        || fault.Problem.Contains("does not name each", StringComparison.Ordinal) || fault.Problem.Contains("which sealed.allowlist does not name", StringComparison.Ordinal)
        || fault.Problem.Contains("is what stamps call", StringComparison.Ordinal) || fault.Problem.Contains("comes last", StringComparison.Ordinal)
        || fault.Problem.Contains("comes before", StringComparison.Ordinal) || fault.Problem.Contains("is above max_value", StringComparison.Ordinal);
}
