using System.Diagnostics;
using OpenTelemetry.Trace;
using StellaOps.Telemetry.Tests.Shared.Processes;

namespace StellaOps.Telemetry.IncidentSampling.Tests;

public sealed class RootSamplerTests
{
    private const int Traces = 5_000;

    [Theory]
    [InlineData(0)]
    [InlineData(0.1)]
    [InlineData(0.5)]
    [InlineData(1)]
    public void ShouldSample_AnyRate_DecidesAsTheSdkDoes(double rate)
    {
        var sampler = new RootSampler(null);
        var stock = new TraceIdRatioBasedSampler(rate);
        sampler.Revert(rate);

        Assert.All(Ids(), id => Assert.Equal(stock.ShouldSample(Root(id)).Decision, sampler.ShouldSample(Root(id)).Decision));
        sampler.Raise(rate);
        Assert.All(Ids(), id => Assert.Equal(stock.ShouldSample(Root(id)).Decision, sampler.ShouldSample(Root(id)).Decision));
    }

    [Fact]
    public void Raise_OverABaseRate_KeepsWhatTheBaseKept()
    {
        var (before, raised) = (new RootSampler(null), new RootSampler(null));
        before.Revert(0.1);
        raised.Raise(0.3);
        var kept = Ids().Where(id => Samples(before, id)).ToList();

        Assert.All(kept, id => Assert.True(Samples(raised, id)));
        Assert.InRange(kept.Count, Traces * 0.05, Traces * 0.15);
        Assert.InRange(Ids().Count(id => Samples(raised, id)), Traces * 0.25, Traces * 0.35);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ShouldSample_InOrOutOfAnIncident_DoesNotAllocate(bool ownBase)
    {
        var sampler = new RootSampler(ownBase ? new TraceIdRatioBasedSampler(0.1) : null);
        var ids = Ids().Take(500).ToArray();
        foreach (var change in new Action[] { () => { }, () => sampler.Raise(0.5), () => sampler.Revert(0.1) })
        {
            change();
            Assert.Equal(0, Allocated.BytesOf(() =>
            {
                foreach (var id in ids)
                {
                    sampler.ShouldSample(Root(id));
                }
            }));
        }
    }

    private static IEnumerable<ActivityTraceId> Ids()
    {
        var random = new Random(17);
        var bytes = new byte[16];
        for (var i = 0; i < Traces; i++)
        {
            random.NextBytes(bytes);
            yield return ActivityTraceId.CreateFromBytes(bytes);
        }
    }

    private static bool Samples(RootSampler sampler, ActivityTraceId id) => sampler.ShouldSample(Root(id)).Decision == SamplingDecision.RecordAndSample;

    private static SamplingParameters Root(ActivityTraceId id) => new(default, id, "work", ActivityKind.Server);
}
