using StellaOps.Telemetry.Profiles.Hooks;
using StellaOps.Telemetry.Profiles.Loading;
using StellaOps.Telemetry.Profiles.Notifying;

namespace StellaOps.Telemetry.Profiles.Tests.Loading;

public sealed class KindReaderTests
{
    [Theory]
    [InlineData("[]", "d.yaml:1:1: not a mapping; begin with 'apiVersion: telemetry.stella-ops.org/v1'")]
    [InlineData("a: [", "d.yaml:2:1: not YAML")]
    [InlineData("spec: {}", "d.yaml:1:1: apiVersion: missing; write 'apiVersion: telemetry.stella-ops.org/v1'|kind: missing; write 'kind: KIND'|metadata.name: missing; write 'name: a name of a-z")]
    [InlineData("kind: Pod\napiVersion: v2\nmetadata: { name: A, label: b }\nspecs: {}\n", "d.yaml:1:7: kind: 'Pod' is not allowed here; write KIND|2:13: apiVersion: 'v2' is not|3:19: metadata.name: 'A' is not|3:22: metadata.label: unknown key|4:1: specs: unknown key")]
    public void Head_Faults_AreTheSameForEveryKind(string text, string expected)
    {
        foreach (var (kind, faults) in new[]
        {
            (HooksLoader.Kind, HooksLoader.Load(new StringReader(text), "d.yaml").Faults),
            (NotifyLoader.Kind, NotifyLoader.Load(new StringReader(text), "d.yaml").Faults),
        })
        {
            var parts = expected.Replace("KIND", kind, StringComparison.Ordinal).Split('|');
            Assert.Equal(parts.Length, faults.Count);
            Assert.All(parts.Zip(faults), p => Assert.Contains(p.First, p.Second.ToString(), StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Text_WithoutEnd_IsReadToItsBoundAndRefused()
    {
        using var text = new StringReader(new string('x', 2 * ProfileLoader.MaxLength));

        var loaded = HooksLoader.Load(text, "d.yaml");

        Assert.Null(loaded.Document);
        Assert.Contains("longer than", Assert.Single(loaded.Faults).Problem, StringComparison.Ordinal);
        Assert.Equal('x', text.Read());
    }

    [Fact]
    public void Null_IsTheCallersFault()
    {
        Assert.Equal("text", Assert.Throws<ArgumentNullException>(() => HooksLoader.Load(null!, "d.yaml")).ParamName);
        Assert.Equal("file", Assert.Throws<ArgumentNullException>(() => NotifyLoader.Load(TextReader.Null, null!)).ParamName);
    }
}
