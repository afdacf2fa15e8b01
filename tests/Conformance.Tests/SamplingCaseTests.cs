namespace StellaOps.Telemetry.Conformance.Tests;

public sealed class SamplingCaseTests
{
    private static readonly Dictionary<string, SamplingCase> s_cases = CaseFiles.Of("sampling").SelectMany(SamplingCase.ReadAll).ToDictionary(c => c.Name);

    public static TheoryData<string> Played() => [.. s_cases.Values.Where(c => c.Refused is null).Select(c => c.Name)];

    public static TheoryData<string> Refused() => [.. s_cases.Values.Where(c => c.Refused is not null).Select(c => c.Name)];

    [Theory]
    [MemberData(nameof(Played))]
    public async Task Case_Played_IsDecidedAsExpected(string name)
    {
        var played = s_cases[name];
        var settings = SamplingRun.Load(played.Sampling, out var faults);
        Assert.True(settings is not null, string.Join('\n', faults));
        using var run = new SamplingRun(settings);
        await run.PlayAsync(played);

        var fates = run.Fates();
        Assert.NotEmpty(played.Expected);
        Assert.All(played.Expected, e => Assert.Equal((e.Key, e.Value), (e.Key, fates.GetValueOrDefault(e.Key))));
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public void Case_Refused_NamesThePlace(string name)
    {
        Assert.Null(SamplingRun.Load(s_cases[name].Sampling, out var faults));
        Assert.Contains(s_cases[name].Refused, faults);
    }
}
