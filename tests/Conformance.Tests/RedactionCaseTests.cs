using StellaOps.Telemetry.Redaction.Fixtures;

namespace StellaOps.Telemetry.Conformance.Tests;

public sealed class RedactionCaseTests
{
    private static readonly Dictionary<string, RedactionFixture> s_cases = CaseFiles.Of("redaction").SelectMany(Read).ToDictionary(c => c.Name);

    public static TheoryData<string> Names() => [.. s_cases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Case_Redacted_IsAsExpected(string name)
    {
        var result = RedactionFixtureRunner.Run(s_cases[name]);

        Assert.True(result.IsPassed, string.Join('\n', result.Failures));
    }

    [Fact]
    public void Cases_EachStateAnExpectation() =>
        Assert.DoesNotContain(s_cases.Values, c => c is { Expected: null, IsRefused: false });

    private static IReadOnlyList<RedactionFixture> Read(string file)
    {
        using var reader = File.OpenText(file);
        return RedactionFixtureReader.Read(reader, Path.GetFileNameWithoutExtension(file));
    }
}
