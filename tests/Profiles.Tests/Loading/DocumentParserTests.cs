using System.Globalization;
using System.Text;
using StellaOps.Telemetry.Profiles.Loading;

namespace StellaOps.Telemetry.Profiles.Tests.Loading;

public sealed class DocumentParserTests
{
    [Fact]
    public void Parse_Document_KeepsValuesAndPlaces()
    {
        var root = Assert.IsType<MappingNode>(Parse("a: 1\nb:\n  - 'null'\n  - ~\n  - { c: }\n", out var faults));

        Assert.Empty(faults);
        Assert.Equal(new ScalarNode(new DocumentPlace("d.yaml", 1, 4), "1", false), root.Find("a"));
        var list = Assert.IsType<SequenceNode>(root.Find("b"));
        Assert.Equal(new ScalarNode(new DocumentPlace("d.yaml", 3, 5), "null", true), list.Items[0]);
        Assert.Equal(new NullNode(new DocumentPlace("d.yaml", 4, 5)), list.Items[1]);
        Assert.Equal(new DocumentPlace("d.yaml", 5, 7), Assert.IsType<MappingNode>(list.Items[2]).Entries[0].KeyPlace);
    }

    [Theory]
    [InlineData("a: &x 1\nb: 2", 1, 4, "is an anchor")]
    [InlineData("a: 1\nb: *x", 2, 4, "is an alias")]
    [InlineData("a: !!int 1", 1, 4, "is a tag")]
    [InlineData("a: !thing { b: 1 }", 1, 4, "is a tag")]
    [InlineData("a: 1\na: 2", 2, 1, "is there twice")]
    [InlineData("? [a]\n: b", 1, 3, "not a single word")]
    [InlineData("a: 1\n---\nb: 2", 2, 1, "a second document")]
    [InlineData("# nothing", 1, 1, "is empty")]
    public void Parse_WhatIsNotTaken_IsAFaultAtItsPlace(string text, int line, int column, string problem)
    {
        Parse(text, out var faults);

        var fault = Assert.Single(faults);
        Assert.Equal((line, column), (fault.Line, fault.Column));
        Assert.Contains(problem, fault.Problem, StringComparison.Ordinal);
    }

    /// <summary>The scanner itself throws here what is no exception of YAML's: https://github.com/aaubry/YamlDotNet/issues/541</summary>
    [Theory]
    [InlineData("a:\n  b: [{ c: d,\n  e: f }]")]
    [InlineData("a:\n  b: [{ c: d, x: [y],\n  e: { f: g } }]")]
    public void Parse_FlowThatGoesOnAtItsParentsIndentation_IsAFault(string text)
    {
        Assert.Null(Parse(text, out var faults));

        Assert.Contains("not YAML", Assert.Single(faults).Problem, StringComparison.Ordinal);
    }

    /// <summary>Nine levels of nine aliases each: 10^9 values, had they been followed.</summary>
    [Fact]
    public void Parse_AliasBomb_IsRefusedAtTheFirstAlias()
    {
        var text = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
        for (var i = 1; i < 10; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 9))}]\n");
        }

        Assert.Null(Parse(text.ToString(), out var faults));
        Assert.Equal(["'&a0' is an anchor", "'&a1' is an anchor", "'*a0' is an alias"], faults.Select(f => f.Problem));
    }

    [Theory]
    [InlineData("[", "]")]
    [InlineData("{a: ", "}")]
    public void Parse_Nesting_IsBounded(string open, string close)
    {
        string Nested(int depth) => string.Concat(Enumerable.Repeat(open, depth)) + "x" + string.Concat(Enumerable.Repeat(close, depth));

        Assert.NotNull(Parse(Nested(DocumentParser.MaxDepth), out _));
        Assert.Null(Parse(Nested(DocumentParser.MaxDepth + 1), out var faults));
        Assert.Contains("deeper than 32", Assert.Single(faults).Problem, StringComparison.Ordinal);
        Assert.Null(Parse(string.Concat(Enumerable.Repeat(open, 200_000)), out faults));
        Assert.Single(faults);
    }

    [Fact]
    public void Parse_TooManyValuesOrTooLong_IsRefused()
    {
        Assert.Null(Parse("[" + string.Concat(Enumerable.Repeat("x,", DocumentParser.MaxNodes)) + "]", out var faults));
        Assert.Contains("more than 100000 values", Assert.Single(faults).Problem, StringComparison.Ordinal);
        Assert.Null(Parse("# " + new string('x', DocumentParser.MaxLength), out faults));
        Assert.Contains("longer than 1048576 characters", Assert.Single(faults).Problem, StringComparison.Ordinal);
    }

    private static DocumentNode? Parse(string text, out IReadOnlyList<Profiles.Validation.ProfileFault> faults)
    {
        var list = new FaultList();
        var node = DocumentParser.Parse(text, "d.yaml", list);
        faults = list.InOrder("d.yaml");
        return node;
    }
}
