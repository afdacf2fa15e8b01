using StellaOps.Telemetry.Contracts.Fleet;
using StellaOps.Telemetry.Contracts.Rollouts;
using StellaOps.Telemetry.ProfileService.Rollouts;

namespace StellaOps.Telemetry.ProfileService.FunctionalTests.Rollouts;

/// <summary>The engine without clock, storage or network: deployment 7 goes to agents a, b, c, d, of which a is the canary; all ran deployment 3.</summary>
public sealed class RolloutMachineTests
{
    private const long New = 7;
    private const long Old = 3;
    private static readonly RolloutPlan s_plan = new(New, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(30), new RolloutGate(TimeSpan.FromSeconds(4), 5, 5, 60));
    private readonly Dictionary<string, AgentReport> _reports = [];
    private DateTimeOffset _now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private RolloutProgress _progress;
    private RolloutStep _last = null!;

    public RolloutMachineTests()
    {
        _progress = RolloutMachine.Start(["a", "b", "c", "d"], [1, 2, 1], _now);
        foreach (var agent in "abcd")
        {
            Says(agent.ToString(), Old);
        }
    }

    [Fact]
    public void Look_AllApply_GoesBatchByBatchAndSoaksEach()
    {
        Look(1);
        Assert.Equal(["a"], _last.Offers);
        Is(RolloutState.Running, 1, "a:Offered b:Waiting c:Waiting d:Waiting");

        Says("a", New);
        Look(1);
        Is(RolloutState.Soaking, 1, "a:Applied b:Waiting c:Waiting d:Waiting");
        Look(1, times: 9);
        Assert.Empty(_last.Offers);
        Is(RolloutState.Soaking, 1, "a:Applied b:Waiting c:Waiting d:Waiting");

        Look(1);
        Assert.Equal(["b", "c"], _last.Offers);
        Is(RolloutState.Running, 2, "a:Applied b:Offered c:Offered d:Waiting");

        Says("b", New);
        Look(1);
        Is(RolloutState.Running, 2, "a:Applied b:Applied c:Offered d:Waiting");
        Says("c", New);
        Look(1, times: 11);
        Assert.Equal(["d"], _last.Offers);

        Says("d", New);
        Look(1, times: 11);
        Is(RolloutState.Completed, 3, "a:Applied b:Applied c:Applied d:Applied");
        Assert.All(_progress.Members, m => Assert.Equal(Old, m.Before));

        Says("a", Old);
        Look(60);
        Is(RolloutState.Completed, 3, "a:Applied b:Applied c:Applied d:Applied");
    }

    [Fact]
    public void Look_CanaryRefuses_RollsBackWithItsOwnWordsAndTouchesNobodyElse()
    {
        Look(1);
        Refuses("a", New, "exporters[0]: no such host");
        Look(1);
        Assert.True(_last.RollBack);
        Assert.Empty(_last.Offers);
        Assert.Equal("agent a: exporters[0]: no such host", _progress.Failure);

        RollBack(_progress.Failure!, revert: 8);
        Is(RolloutState.RollingBack, 1, "a:Reverting b:Waiting c:Waiting d:Waiting");
        Look(1);
        Is(RolloutState.RollingBack, 1, "a:Reverting b:Waiting c:Waiting d:Waiting");
        Says("a", 8);
        Look(1);
        Is(RolloutState.RolledBack, 1, "a:Reverted b:Waiting c:Waiting d:Waiting");
        Assert.Equal("exporters[0]: no such host", _progress.Members[0].Error);
    }

    [Fact]
    public void Look_RefusalOfAnotherDeployment_IsNotThisOnes()
    {
        Look(1);
        Refuses("a", 5, "old story");
        Look(1);
        Is(RolloutState.Running, 1, "a:Offered b:Waiting c:Waiting d:Waiting");
    }

    [Theory]
    [InlineData(29, RolloutState.Running, false)]
    [InlineData(32, RolloutState.Running, true)]
    public void Look_CanaryIsSilent_RollsBackAfterItsTime(int seconds, RolloutState state, bool rollsBack)
    {
        Look(1);
        Look(1, times: seconds);
        Assert.Equal(rollsBack, _last.RollBack);
        Assert.Equal(state, _progress.State);
        Assert.Equal(rollsBack ? "agent a: has not said that it applied this within 30 s" : null, _progress.Failure);
    }

    [Fact]
    public void Look_NobodyLookedForAnHour_FailsNobody()
    {
        Look(1);
        Look(3600);
        Assert.False(_last.RollBack);
        Is(RolloutState.Running, 1, "a:Offered b:Waiting c:Waiting d:Waiting");
        Says("a", New);
        Look(1);
        Look(3600);
        Is(RolloutState.Soaking, 1, "a:Applied b:Waiting c:Waiting d:Waiting");
        Assert.Equal(RolloutMachine.MaxGap, _progress.Soaked);
    }

    [Fact]
    public void Look_AgentOfALaterBatchIsSilent_PausesAndGoesOnWithoutItWhenResumed()
    {
        ToSecondBatch();
        Says("b", New);
        _reports.Remove("c");
        Look(1, times: 32);
        Is(RolloutState.Paused, 2, "a:Applied b:Applied c:Offered d:Waiting");
        Assert.Equal("agent c: has not said that it applied this within 30 s", _progress.Failure);
        Look(1, times: 100);
        Is(RolloutState.Paused, 2, "a:Applied b:Applied c:Offered d:Waiting");

        _progress = RolloutMachine.Resume(s_plan, _progress)!;
        Is(RolloutState.Running, 2, "a:Applied b:Applied c:PassedOver d:Waiting");
        Assert.Null(_progress.Failure);
        Look(1, times: 11);
        Is(RolloutState.Running, 3, "a:Applied b:Applied c:PassedOver d:Offered");
    }

    [Fact]
    public void Look_AgentIsGoneWhileSoaking_StopsTheSoakUntilItIsBack()
    {
        Look(1);
        Says("a", New);
        Look(1, times: 6);
        Assert.Equal(TimeSpan.FromSeconds(5), _progress.Soaked);
        Says("a", New, connected: false);
        Look(1, times: 8);
        Is(RolloutState.Running, 1, "a:Applied b:Waiting c:Waiting d:Waiting");
        Says("a", New);
        Look(1);
        Is(RolloutState.Soaking, 1, "a:Applied b:Waiting c:Waiting d:Waiting");
        Assert.Equal(TimeSpan.FromSeconds(5), _progress.Soaked);
    }

    [Fact]
    public void Look_AgentIsUnhealthy_StumblesOnceAndRollsBackWhenItStaysSo()
    {
        Look(1);
        Says("a", New, health: Ill("no route to store"));
        Look(1, times: 3);
        Is(RolloutState.Running, 1, "a:Applied b:Waiting c:Waiting d:Waiting");
        Says("a", New);
        Look(1);
        Is(RolloutState.Soaking, 1, "a:Applied b:Waiting c:Waiting d:Waiting");

        Says("a", New, health: Ill("no route to store"));
        Look(1, times: 5);
        Assert.True(_last.RollBack);
        Assert.Equal("agent a: it is not healthy: no route to store; exporter/tempo: refused", _progress.Failure);
    }

    [Fact]
    public void Look_ExportFailuresGrowWithTheNewConfiguration_RollsBack()
    {
        Says("a", Old, health: Counting(100));
        Look(1);
        Says("a", New, health: Counting(105));
        Look(1);
        Assert.False(_last.RollBack);
        Says("a", New, health: Counting(106));
        Look(1);
        Assert.True(_last.RollBack);
        Assert.Equal("agent a: 6 export failures since it was offered this, 5 are allowed", _progress.Failure);
    }

    [Fact]
    public void Look_LaterBatchRefuses_RollsBackAllThatWereTouched()
    {
        ToSecondBatch();
        Refuses("c", New, "disk is full");
        Look(1);
        Assert.True(_last.RollBack);
        RollBack(_progress.Failure!, revert: 8);
        Is(RolloutState.RollingBack, 2, "a:Reverting b:Reverting c:Reverting d:Waiting");
    }

    [Fact]
    public void RollBack_AgentThatRanNothingOfOurs_IsKept()
    {
        Says("a", null);
        Look(1);
        Refuses("a", New, "no");
        Look(1);
        RollBack("no", revert: 8);
        Is(RolloutState.RollingBack, 1, "a:Kept b:Waiting c:Waiting d:Waiting");
        Look(1);
        Is(RolloutState.RolledBack, 1, "a:Kept b:Waiting c:Waiting d:Waiting");
    }

    [Fact]
    public void RollBack_AgentRefusesToGoBack_Fails()
    {
        Look(1);
        Refuses("a", New, "bad");
        Look(1);
        RollBack(_progress.Failure!, revert: 8);
        Refuses("a", 8, "worse");
        Look(1);
        Assert.Equal(RolloutState.Failed, _progress.State);
        Assert.Equal("agent a: bad; not taken back: agent a: worse", _progress.Failure);
    }

    [Fact]
    public void RollBack_AgentIsGone_FailsAfterItsTimeAndSaysSo()
    {
        Look(1);
        Refuses("a", New, "bad");
        Look(1);
        RollBack(_progress.Failure!, revert: 8);
        _reports.Remove("a");
        Look(1, times: 40);
        Assert.Equal(RolloutState.Failed, _progress.State);
        Assert.Equal("agent a: bad; not taken back: agent a: has not said that it went back within 30 s", _progress.Failure);
    }

    [Fact]
    public void Pause_Running_OffersNothingAndRemembersWhatAgentsSay()
    {
        Look(1);
        _progress = RolloutMachine.Pause(_progress, null)!;
        Says("a", New);
        Look(1, times: 60);
        Is(RolloutState.Paused, 1, "a:Applied b:Waiting c:Waiting d:Waiting");
        Assert.Null(RolloutMachine.Pause(_progress, null));

        _progress = RolloutMachine.Resume(s_plan, _progress)!;
        Look(1, times: 12);
        Is(RolloutState.Running, 2, "a:Applied b:Offered c:Offered d:Waiting");
        Assert.Null(RolloutMachine.Resume(s_plan, _progress));
    }

    [Fact]
    public void Pause_CanaryRefusesMeanwhile_RollsBackWhenResumed()
    {
        Look(1);
        _progress = RolloutMachine.Pause(_progress, null)!;
        Refuses("a", New, "bad");
        Look(1);
        Is(RolloutState.Paused, 1, "a:Failed b:Waiting c:Waiting d:Waiting");
        Assert.False(_last.RollBack);
        _progress = RolloutMachine.Resume(s_plan, _progress)!;
        Look(1);
        Assert.True(_last.RollBack);
    }

    [Theory]
    [InlineData(RolloutState.Pending, true)]
    [InlineData(RolloutState.Running, true)]
    [InlineData(RolloutState.Soaking, true)]
    [InlineData(RolloutState.Paused, true)]
    [InlineData(RolloutState.Completed, true)]
    [InlineData(RolloutState.RollingBack, false)]
    [InlineData(RolloutState.RolledBack, false)]
    [InlineData(RolloutState.Failed, false)]
    public void CanRollBack_State_IsWhateverIsNotOnItsWayBack(RolloutState state, bool expected) =>
        Assert.Equal(expected, RolloutMachine.CanRollBack(_progress with { State = state }));

    private void ToSecondBatch()
    {
        Look(1);
        Says("a", New);
        Look(1, times: 11);
        Assert.Equal(2, _progress.Batch);
    }

    private void Look(int seconds, int times = 1)
    {
        for (var i = 0; i < times; i++)
        {
            _now = _now.AddSeconds(seconds);
            _last = RolloutMachine.Look(s_plan, _progress, _reports, _now);
            _progress = _last.Next;
        }
    }

    private void RollBack(string failure, long revert) =>
        _progress = RolloutMachine.RollBack(_progress, failure, m => m.Before is Old ? revert : null, _now);

    private void Says(string agent, long? running, bool connected = true, AgentHealth? health = null) =>
        _reports[agent] = new AgentReport(connected, running, null, null, health ?? new AgentHealth(true, null, null, [], RolloutMember.NoMetrics));

    private void Refuses(string agent, long counter, string error) => _reports[agent] = _reports[agent] with { Refused = counter, Error = error };

    private void Is(RolloutState state, int batch, string members)
    {
        Assert.Equal(members, string.Join(' ', _progress.Members.Select(m => $"{m.Uid}:{m.State}")));
        Assert.Equal((state, batch), (_progress.State, _progress.Batch));
    }

    private static AgentHealth Ill(string error) => new(false, null, error, ["exporter/tempo: refused"], RolloutMember.NoMetrics);

    private static AgentHealth Counting(double failures) => new(true, null, null, [], new Dictionary<string, double> { [KnownFleet.ExportFailures] = failures });
}
