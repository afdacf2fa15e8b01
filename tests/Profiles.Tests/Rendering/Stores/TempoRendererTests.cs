using StellaOps.Telemetry.Profiles.Rendering;
using StellaOps.Telemetry.Profiles.Tests.TestServices;
using YamlDotNet.RepresentationModel;

namespace StellaOps.Telemetry.Profiles.Tests.Rendering.Stores;

public sealed class TempoRendererTests
{
    private const string Storage = "tempo: { retention: 14d, tenants: { zulu: {}, acme: { retention: 30d, max_traces: 20000 } } }";

    [Fact]
    public void Render_EveryTenant_SpellsEveryDefault()
    {
        var defaults = Flat(Find(Render("tempo.yaml"), "overrides", "defaults"));

        // What an entry leaves out is zero for Tempo, and not as in the defaults.
        Assert.NotEmpty(defaults);
        Assert.All(["acme", "zulu"], tenant => Assert.Equal(defaults.Keys, Flat(Find(Render("tempo-overrides.yaml"), "overrides", tenant)).Keys));
        Assert.Equal(defaults, Flat(Find(Render("tempo-overrides.yaml"), "overrides", "zulu")));
    }

    [Fact]
    public void Render_Tenant_DiffersInItsOwnAlone()
    {
        var defaults = Flat(Find(Render("tempo.yaml"), "overrides", "defaults"));
        var acme = Flat(Find(Render("tempo-overrides.yaml"), "overrides", "acme"));

        Assert.Equal(
            ["compaction.block_retention 336h 720h", "ingestion.max_traces_per_user 10000 20000"],
            acme.Where(a => defaults[a.Key] != a.Value).Select(a => $"{a.Key} {defaults[a.Key]} {a.Value}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Render_Configuration_KeepsTenantsApartAndSaysNothingToItsMakers()
    {
        var text = Render("tempo.yaml");

        Assert.Contains("multitenancy_enabled: true\n", text, StringComparison.Ordinal);
        Assert.Contains("usage_report:\n  reporting_enabled: false\n", text, StringComparison.Ordinal);
        Assert.Contains("per_tenant_override_config: tempo-overrides.yaml\n", text, StringComparison.Ordinal);
        Assert.Contains("  compaction:\n    block_retention: \"336h\"\n", text, StringComparison.Ordinal);
    }

    private static string Render(string file)
    {
        var resolution = Documents.Mine($"multi_tenant: true\nstorage: {{ prometheus: {{ front_door: true }}, {Storage} }}");
        return ProfileRenderer.Render(resolution.Profile!, resolution.RedactionPolicyText).Single(f => f.Name == file).Text;
    }

    private static YamlMappingNode Find(string text, params string[] path)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        return path.Aggregate((YamlMappingNode)stream.Documents.Single().RootNode, (node, key) => (YamlMappingNode)node.Children[new YamlScalarNode(key)]);
    }

    private static SortedDictionary<string, string?> Flat(YamlMappingNode node)
    {
        var flat = new SortedDictionary<string, string?>(StringComparer.Ordinal);
        foreach (var (section, settings) in node.Children)
        {
            foreach (var (key, value) in ((YamlMappingNode)settings).Children)
            {
                flat.Add($"{section}.{key}", ((YamlScalarNode)value).Value);
            }
        }

        return flat;
    }
}
