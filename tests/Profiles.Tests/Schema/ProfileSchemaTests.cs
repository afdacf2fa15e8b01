using System.Text.Json.Nodes;
using StellaOps.Telemetry.Profiles.Resolving;
using StellaOps.Telemetry.Profiles.Tests.TestServices;
using StellaOps.Telemetry.Profiles.Validation;

namespace StellaOps.Telemetry.Profiles.Tests.Schema;

/// <summary>What an editor is told of profiles is what the reader takes.</summary>
public sealed class ProfileSchemaTests
{
    private readonly SchemaDocument _schema = SchemaDocument.Of("profile");
    private readonly SchemaAgreement _agreement = new(SchemaDocument.Of("profile"), Full(), Read);

    [Fact]
    public void FullProfile_SchemaAndReader_TakeIt() => _agreement.BothTakeTheFullDocument();

    [Fact]
    public void EveryObject_SchemaAndReader_KnowTheSameKeys() => _agreement.BothKnowTheSameKeys();

    [Fact]
    public void EveryKeyOfTheSchema_IsInTheFullProfileAndDescribed() => _agreement.EveryKeyOfTheSchemaIsPresentAndDescribed();

    [Theory]
    [InlineData("""{ "zz": 1 }""")]
    [InlineData("\"@@ !!\"")]
    [InlineData("[[1]]")]
    [InlineData("\"\"")]
    [InlineData("-7")]
    public void EveryValue_ReplacedByNonsense_IsRefusedByBothOrByNeither(string nonsense) =>
        _agreement.NonsenseIsRefusedByBothOrByNeither(nonsense, IsAboutMoreThanOneValue, moreThan: 100);

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
            Assert.NotEmpty(_agreement.Read(document));
            document["extends"] = "small";
            Assert.True(_schema.Accepts(document), key);
            Assert.Empty(_agreement.Read(document));
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

    private static IReadOnlyList<ProfileFault> Read(string text)
    {
        var documents = new MemoryDocuments { ["small.yaml"] = ProfileTexts.Minimal };
        return ProfileResolver.Resolve(documents, new ProfileDocument("d.yaml", text), null).Faults;
    }

    /// <summary>A schema sees one value at a time. What needs two of them, or another document, is the reader's alone.</summary>
    private static bool IsAboutMoreThanOneValue(ProfileFault fault) =>
        fault.Problem.Contains("there is no ", StringComparison.Ordinal) || fault.Problem.Contains("is no composite_sub_policy", StringComparison.Ordinal)
        || fault.Problem.Contains("does not name each", StringComparison.Ordinal) || fault.Problem.Contains("which sealed.allowlist does not name", StringComparison.Ordinal)
        || fault.Problem.Contains("is what stamps call", StringComparison.Ordinal) || fault.Problem.Contains("comes last", StringComparison.Ordinal)
        || fault.Problem.Contains("comes before", StringComparison.Ordinal) || fault.Problem.Contains("is above max_value", StringComparison.Ordinal);
}
