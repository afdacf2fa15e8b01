using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Profiles.Model;

namespace StellaOps.Telemetry.Profiles.Tests.Loading;

public sealed class RetentionReaderTests
{
    private const string Full =
        """
        [{ tier: sampled, keep: 14d, warm_after: 2d, max_bytes: 10GiB,
           signals: { metrics: { keep: 30d }, logs: { warm_after: 1d, max_bytes: 2GiB } },
           tenants: { acme: { keep: 60d, max_bytes: 1TiB, signals: { logs: { keep: 5d, max_bytes: 3GiB } } } } }]
        """;

    [Theory]
    [InlineData("globex", Signal.Traces, 14, 2)]
    [InlineData("globex", Signal.Metrics, 30, 2)]
    [InlineData("globex", Signal.Logs, 14, 1)]
    [InlineData("acme", Signal.Traces, 60, 2)]
    [InlineData("acme", Signal.Metrics, 60, 2)]
    [InlineData("acme", Signal.Logs, 5, 1)]
    public void Of_TheNearestWord_Counts(string tenant, Signal signal, int keep, int warm)
    {
        var tier = Assert.Single(Read(Full));

        Assert.Equal((TimeSpan.FromDays(keep), TimeSpan.FromDays(warm)), (tier.KeepOf(tenant, signal), tier.WarmAfterOf(tenant, signal)));
    }

    [Fact]
    public void MaxBytesOf_TenantAndSignal_AreBoundsBesideEachOther()
    {
        var tier = Assert.Single(Read(Full));

        Assert.Equal((10L << 30, 1L << 40), (tier.MaxBytesOf("globex"), tier.MaxBytesOf("acme")));
        Assert.Equal((2L << 30, 3L << 30), (tier.MaxBytesOf("globex", Signal.Logs), tier.MaxBytesOf("acme", Signal.Logs)));
        Assert.Null(tier.MaxBytesOf("globex", Signal.Traces));
    }

    [Theory]
    [InlineData("[{ tier: a, keep: 2d, warm_after: 2d }]", "spec.retention[0].warm_after")]
    [InlineData("[{ tier: a, keep: 9d, warm_after: 2d, signals: { logs: { keep: 1d } } }]", "spec.retention[0].warm_after")]
    [InlineData("[{ tier: a, keep: 9d, warm_after: 2d, tenants: { acme: { keep: 1d } } }]", "spec.retention[0].warm_after")]
    [InlineData("[{ tier: a, keep: 9d }, { tier: a, keep: 9d }]", "spec.retention[1].tier")]
    [InlineData("[{ tier: a, keep: 9d, max_bytes: 0 }]", "spec.retention[0].max_bytes")]
    [InlineData("[{ tier: a, keep: 9d, signals: { events: { keep: 1d } } }]", "spec.retention[0].signals.events")]
    [InlineData("[{ tier: a, keep: 9d, tenants: { Acme: { keep: 1d } } }]", "spec.retention[0].tenants.Acme")]
    public void Read_WhatCannotBe_IsAFaultAtItsPlace(string retention, string path) =>
        Assert.Contains(ProfileTexts.Load(ProfileTexts.Minimal + "\n  retention: " + retention).Faults, f => f.Path == path);

    private static IReadOnlyList<RetentionTier> Read(string retention)
    {
        var result = ProfileTexts.Load(ProfileTexts.Minimal + "\n  retention: " + retention);
        Assert.Empty(result.Faults);
        return result.Profile!.Retention;
    }
}
