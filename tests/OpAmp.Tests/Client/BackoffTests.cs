using StellaOps.Telemetry.OpAmp.Client;
using StellaOps.Telemetry.OpAmp.Model;
using StellaOps.Telemetry.Tests.Shared.OpAmp;

namespace StellaOps.Telemetry.OpAmp.Tests.Client;

public sealed class BackoffTests
{
    private static readonly OpAmpAgentOptions s_options = new()
    {
        Endpoint = new Uri("ws://opamp.test"),
        InstanceUid = TestAgents.Uid(1),
        Capabilities = AgentCapabilities.ReportsStatus,
        FirstBackoff = TimeSpan.FromSeconds(1),
        MaxBackoff = TimeSpan.FromSeconds(30),
        MaxRetryAfter = TimeSpan.FromMinutes(10),
    };

    private static readonly SessionEnd s_unreachable = new("refused", WasConnected: false);
    private static readonly SessionEnd s_broken = new("broken", WasConnected: true);

    [Fact]
    public void Next_Unreachable_DoublesUpToTheMost()
    {
        var backoff = new Backoff(s_options, () => 0.5);

        Assert.Equal([1, 2, 4, 8, 16, 30, 30], Enumerable.Range(0, 7).Select(_ => backoff.Next(s_unreachable, TimeSpan.Zero).TotalSeconds));
    }

    [Theory]
    [InlineData(0, 0.5)]
    [InlineData(1, 1.5)]
    public void Next_Unreachable_IsSpreadByHalf(double random, double seconds) =>
        Assert.Equal(seconds, new Backoff(s_options, () => random).Next(s_unreachable, TimeSpan.Zero).TotalSeconds);

    [Fact]
    public void Next_BrokenAfterAWhile_IsMendedAtOnce()
    {
        var backoff = new Backoff(s_options, () => 0.25);
        backoff.Next(s_unreachable, TimeSpan.Zero);
        backoff.Next(s_unreachable, TimeSpan.Zero);

        Assert.Equal(0.25, backoff.Next(s_broken, TimeSpan.FromMinutes(1)).TotalSeconds);
    }

    [Fact]
    public void Next_BrokenAgainAndAgain_IsNotMendedAtOnce()
    {
        var backoff = new Backoff(s_options, () => 0.5);

        Assert.Equal([0.5, 2, 4], Enumerable.Range(0, 3).Select(_ => backoff.Next(s_broken, TimeSpan.FromSeconds(1)).TotalSeconds));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(45, 45)]
    [InlineData(86_400, 600)]
    public void Next_ToldHowLong_IsNotSoonerAndBounded(int asked, int seconds) =>
        Assert.Equal(seconds, new Backoff(s_options, () => 0).Next(new SessionEnd("busy", false, true, TimeSpan.FromSeconds(asked)), TimeSpan.Zero).TotalSeconds);

    [Fact]
    public void Next_ThrottledWithoutBeingTold_IsHalfAMinuteAtLeast() =>
        Assert.Equal(30, new Backoff(s_options, () => 0).Next(new SessionEnd("busy", true, true), TimeSpan.Zero).TotalSeconds);
}
