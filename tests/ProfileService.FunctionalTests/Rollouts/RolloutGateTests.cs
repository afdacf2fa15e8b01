using StellaOps.Telemetry.Contracts.Fleet;
using StellaOps.Telemetry.Contracts.Rollouts;
using StellaOps.Telemetry.ProfileService.Rollouts;

namespace StellaOps.Telemetry.ProfileService.FunctionalTests.Rollouts;

public sealed class RolloutGateTests
{
    private static readonly RolloutGate s_gate = new(TimeSpan.FromSeconds(10), ExportFailures: 5, Refusals: 3, QueueSeconds: 60);

    [Theory]
    [InlineData(100, 105, 0, 0, 0, null)]
    [InlineData(100, 106, 0, 0, 0, "6 export failures since it was offered this, 5 are allowed")]
    [InlineData(100, 4, 0, 0, 0, null)]
    [InlineData(100, 6, 0, 0, 0, "6 export failures since it was offered this, 5 are allowed")]
    [InlineData(0, 0, 7, 10, 0, null)]
    [InlineData(0, 0, 7, 11, 0, "4 refused requests since it was offered this, 3 are allowed")]
    [InlineData(0, 0, 0, 0, 60, null)]
    [InlineData(0, 0, 0, 0, 61, "its oldest record has waited 61 s for an exporter, 60 s are allowed")]
    public void FaultOf_Metrics_ComparesWithWhatWasCountedBefore(double failedBefore, double failed, double refusedBefore, double refused, double age, string? expected) =>
        Assert.Equal(expected, s_gate.FaultOf(
            new Dictionary<string, double> { [KnownFleet.ExportFailures] = failedBefore, [KnownFleet.Refusals] = refusedBefore },
            new Dictionary<string, double> { [KnownFleet.ExportFailures] = failed, [KnownFleet.Refusals] = refused, [KnownFleet.QueueOldestSeconds] = age }));

    [Fact]
    public void Of_DefaultLimits_AreTenSecondsFiftyFiftyAndTwoMinutes() => Assert.Equal(new RolloutGate(TimeSpan.FromSeconds(10), 50, 50, 120), RolloutGate.Of(RolloutLimits.Default));

    [Fact]
    public void FaultOf_NoMetrics_Passes() => Assert.Null(s_gate.FaultOf(RolloutMember.NoMetrics, RolloutMember.NoMetrics));
}
