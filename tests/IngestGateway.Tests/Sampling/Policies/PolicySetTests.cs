using StellaOps.Telemetry.Archive;
using StellaOps.Telemetry.IngestGateway.Sampling.Policies;
using StellaOps.Telemetry.Profiles.Gateway;

namespace StellaOps.Telemetry.IngestGateway.Tests.Sampling.Policies;

/// <summary>Rates and shares; what the types mean is in the conformance cases.</summary>
public sealed class PolicySetTests
{
    private static readonly AlwaysSamplePolicy s_all = new("all");

    [Theory]
    [InlineData(10, "")]
    [InlineData(25, "pepper")]
    [InlineData(0.5, "")]
    public void Probabilistic_KeepsItsShareOfSequentialIds_AndSaysAtWhichRate(double percentage, string salt)
    {
        var set = new PolicySet([new ProbabilisticPolicy("p", percentage, salt)]);
        var kept = Enumerable.Range(1, 40_000).Select(i => Judge(set, (UInt128)i)).OfType<Stamp>().ToList();
        Assert.All(kept, s => Assert.Equal(new Stamp("p", percentage / 100, null), s));
        Assert.InRange(kept.Count, 0.85 * 400 * percentage, 1.15 * 400 * percentage);
    }

    [Fact]
    public void Probabilistic_AnotherSalt_KeepsOthers()
    {
        var (plain, salted) = (new PolicySet([new ProbabilisticPolicy("p", 50)]), new PolicySet([new ProbabilisticPolicy("p", 50, "pepper")]));
        var both = Enumerable.Range(1, 10_000).Count(i => Judge(plain, (UInt128)i) is not null && Judge(salted, (UInt128)i) is not null);
        Assert.InRange(both, 2200, 2800);
    }

    [Fact]
    public void Stamp_OfSeveral_IsTheOneOfTheHighestRate()
    {
        // Were it the first, an error trace in the ten per cent would count for ten, and one outside for one.
        var set = new PolicySet([new ProbabilisticPolicy("p", 10), new StatusCodePolicy("errors", [2]), s_all]);
        Assert.All(Enumerable.Range(1, 500), i => Assert.Equal(new Stamp("errors", 1, null), Judge(set, (UInt128)i, status: 4)));
    }

    [Fact]
    public void Groups_WithProbabilistic_KeepAtItsRate()
    {
        var half = new ProbabilisticPolicy("half", 50);
        var and = new PolicySet([new AndPolicy("g", [half, s_all])]);
        var composite = new PolicySet([new CompositePolicy("c", 1000, [new CompositeShare(half, 500), new CompositeShare(s_all, 500)])]);
        Assert.Equal([0.5], Enumerable.Range(1, 100).Select(i => Judge(and, (UInt128)i)).OfType<Stamp>().Select(s => s.Rate).Distinct());
        Assert.Equal([0.5, 1], Enumerable.Range(1, 100).Select(i => Judge(composite, (UInt128)i)).OfType<Stamp>().Select(s => s.Rate).Distinct().Order());
    }

    [Fact]
    public void HasConditionsOf_OnlyWhereTheSameIsNoted()
    {
        PolicySet Of(params SamplingPolicy[] policies) => new(policies);
        var text = new StringAttributePolicy("s", "k", ["a"], false, 128, false);
        Assert.True(Of(text).HasConditionsOf(Of(s_all, text with { Name = "other", InvertMatch = true })));
        Assert.False(Of(text).HasConditionsOf(Of(text with { Values = ["b"] })));
        Assert.False(Of(text).HasConditionsOf(Of(text with { EnabledRegexMatching = true })));
        Assert.False(Of(text).HasConditionsOf(Of(s_all)));
    }

    [Fact]
    public void PatternCondition_ManyValues_NeverGivesAnothersOutcome()
    {
        var condition = new PatternCondition("k", ["^a.*7$"], 4);
        for (var i = 0; i < 5000; i++)
        {
            var text = (i % 3 == 0 ? "a" : "b") + (i / 2);
            Assert.Equal(text[0] == 'a' && text[^1] == '7', condition.Matches(System.Text.Encoding.UTF8.GetBytes(text), default));
        }
    }

    private static Stamp? Judge(PolicySet set, UInt128 traceId, uint status = 1) => set.Judge(new TraceFacts
    {
        TraceId = traceId,
        StatusCodes = status,
        DurationMilliseconds = 1,
        SpanCount = 1,
        Matches = new ulong[set.MatchWords],
        Second = (long)(ulong)traceId,
    });
}
