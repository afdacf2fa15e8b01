using StellaOps.Telemetry.Profiles.Rendering.Yaml;
using YamlDotNet.RepresentationModel;

namespace StellaOps.Telemetry.Profiles.Tests.Rendering.Yaml;

public sealed class YamlWriterTests
{
    [Fact]
    public void Write_EveryShape_IsTheseBytes() => Assert.Equal(
        """
        # of tests
        text: plain
        number: 4294967296
        fraction: 1.5
        whole: 2.0
        flag: true
        list:
          - a
          - 7
          - deep: x
            deeper:
              - deepest
          - {}
        none: []
        empty: {}
        map:
          "1": one
          inner:
            key: "value: 1"

        """,
        YamlWriter.Write(
            new YamlMap
            {
                { "text", "plain" },
                { "number", 1L << 32 },
                { "fraction", 1.5 },
                { "whole", 2.0 },
                { "flag", true },
                { "left out", null },
                { "list", new object[] { "a", 7, new YamlMap { { "deep", "x" }, { "deeper", (string[])["deepest"] } }, new YamlMap() } },
                { "none", Array.Empty<string>() },
                { "empty", new YamlMap() },
                { "map", new YamlMap { { "1", "one" }, { "inner", new YamlMap { { "key", "value: 1" } } } } },
            },
            ["of tests"]));

    [Theory]
    [InlineData("")]
    [InlineData(" blank")]
    [InlineData("true")]
    [InlineData("No")]
    [InlineData("null")]
    [InlineData("~")]
    [InlineData("1e3")]
    [InlineData("0x10")]
    [InlineData("12:30")]
    [InlineData("2026-03-01")]
    [InlineData(".5")]
    [InlineData("-")]
    [InlineData("# no comment")]
    [InlineData("a # no comment")]
    [InlineData("key: value")]
    [InlineData("*alias")]
    [InlineData("&anchor")]
    [InlineData("!tag")]
    [InlineData("%directive")]
    [InlineData("@at")]
    [InlineData("`tick")]
    [InlineData("[list]")]
    [InlineData("{map}")]
    [InlineData("\"quoted\" and \\back")]
    [InlineData("it's")]
    [InlineData("two\nlines\r\n\tand a tab")]
    [InlineData("bell\u0007 next line\u0085 line\u2028 paragraph\u2029 mark\ufeff nbsp\u00a0")]
    [InlineData("ünï — 𝄞")]
    [InlineData("---")]
    [InlineData("y")]
    public void Write_Text_IsReadBackAsThatText(string text)
    {
        var yaml = YamlWriter.Write(new YamlMap { { "value", text }, { text, "key" }, { "list", (string[])[text] } }, []);

        var stream = new YamlStream();
        stream.Load(new StringReader(yaml));
        var root = (YamlMappingNode)stream.Documents.Single().RootNode;
        Assert.Equal(text, ((YamlScalarNode)root.Children[new YamlScalarNode("value")]).Value);
        Assert.Equal("key", ((YamlScalarNode)root.Children[new YamlScalarNode(text)]).Value);
        Assert.Equal(text, ((YamlScalarNode)((YamlSequenceNode)root.Children[new YamlScalarNode("list")])[0]).Value);

        // A plain scalar may be taken for something else by another reader; one in quotes may not.
        Assert.Contains("value: \"", yaml, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_Preparation_ComesBeforeQuoting() =>
        Assert.Equal("a: \"$$1\"\n", YamlWriter.Write(new YamlMap { { "a", "$1" } }, [], t => t.Replace("$", "$$", StringComparison.Ordinal)));
}
