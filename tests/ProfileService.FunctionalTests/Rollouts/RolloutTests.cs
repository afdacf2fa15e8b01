using System.Net;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Fleet;
using StellaOps.Telemetry.Contracts.Rollouts;
using StellaOps.Telemetry.ProfileService.FunctionalTests.TestServices;
using StellaOps.Telemetry.Tests.Shared.Fleet;
using StellaOps.Telemetry.Tests.Shared.Processes;
using StellaOps.Telemetry.Tests.Shared.Profiles;

namespace StellaOps.Telemetry.ProfileService.FunctionalTests.Rollouts;

/// <summary>Rollouts to agents that speak OpAMP and judge what they get.</summary>
public sealed class RolloutTests(ProfileServiceFixture fixture) : IClassFixture<ProfileServiceFixture>
{
    [Fact]
    public async Task Start_AllApply_GoesInBatchesToWhoHasTheLabelsAndNobodyElse()
    {
        await using var fleet = Fleet();
        await using var others = Fleet();
        await fleet.JoinAsync(4);
        await others.JoinAsync(1);
        var profile = ProfileVersions.NewName();
        await fleet.PublishAsync(profile, 1);

        var rollout = await fleet.StartAsync(profile, 1);
        Assert.Equal([1, 2, 1], rollout.BatchSizes);
        rollout = await fleet.EndsAsync(rollout.Id, RolloutState.Completed);

        Assert.Equal(4, rollout.Agents[RolloutAgentState.Applied]);
        Assert.Equal(["start", "offer", "offer", "offer", "complete"], rollout.Timeline.Select(e => e.Action));
        Assert.All(fleet.Agents, a => Assert.Equal([$"1/{rollout.Counter}"], a.Offers));
        Assert.Empty(others.Agents[0].Offers);
        foreach (var agent in fleet.Agents)
        {
            var seen = (await fleet.FindAsync(agent))!;
            Assert.Equal((seen.DesiredHash, seen.DesiredHash, false, true), (seen.ReceivedHash, seen.RunningHash, seen.Drift, seen.Verifies));
            Assert.Equal((profile, 1L, rollout.Counter), (seen.Running!.Profile, seen.Running.Version, seen.Running.Counter));
        }
    }

    [Fact]
    public async Task Start_CanaryRejects_StopsThereRevertsAndChangesNothingElse()
    {
        await using var fleet = Fleet();
        await fleet.JoinAsync(4);
        var profile = ProfileVersions.NewName();
        await fleet.PublishAsync(profile, 1);
        await fleet.DeployAsync(profile, 1);
        var before = fleet.Agents.ToDictionary(a => a.Uid, a => a.Running);
        await fleet.PublishAsync(profile, 2);
        foreach (var agent in fleet.Agents)
        {
            agent.Reads = closure => closure.Version == 2 ? "exporters[0]: no such host 'store'" : null;
        }

        var rollout = await fleet.EndsAsync((await fleet.StartAsync(profile, 2)).Id, RolloutState.RolledBack);

        var canary = Assert.Single(fleet.Agents, a => a.Offers.Count > 1);
        Assert.Equal($"agent {canary.Uid}: exporters[0]: no such host 'store'", rollout.Failure);
        Assert.Equal([before[canary.Uid], $"2/{rollout.Counter}", canary.Running], canary.Offers);
        Assert.StartsWith("1/", canary.Running, StringComparison.Ordinal);
        Assert.True(canary.Memory.Counter > rollout.Counter, "a rollback is a new deployment");
        Assert.All(fleet.Agents.Where(a => a != canary), a => Assert.Equal((before[a.Uid], 1), (a.Running, a.Offers.Count)));
        Assert.Equal(1, rollout.Agents[RolloutAgentState.Reverted]);
        Assert.Equal(3, rollout.Agents[RolloutAgentState.Waiting]);
        var member = Assert.Single((await fleet.Client.ListRolloutAgentsAsync(rollout.Id, null, CancellationToken.None)).Items, m => m.State == RolloutAgentState.Reverted);
        Assert.Equal((canary.Uid, "exporters[0]: no such host 'store'", $"{profile}@1"), (member.Uid, member.Error, member.Before));
        Assert.All(await Task.WhenAll(fleet.Agents.Select(fleet.FindAsync)), a => Assert.Equal((1L, false), (a!.Running!.Version, a.Drift)));
    }

    [Fact]
    public async Task Start_LaterBatchFallsIll_RollsAllTouchedBack()
    {
        await using var fleet = Fleet();
        var profile = await fleet.JoinBehindAsync(3);
        foreach (var agent in fleet.Agents)
        {
            agent.Report(healthy: true, exportFailures: 1000);
        }

        await Eventually.HoldsAsync(
            async () => (await Task.WhenAll(fleet.Agents.Select(fleet.FindAsync))).All(a => a!.Health!.Metrics.GetValueOrDefault(KnownFleet.ExportFailures) == 1000), FleetUnderTest.Patience, "the metrics are known");
        var rollout = await fleet.StartAsync(profile, 2, soakSeconds: 3);
        await fleet.BecomesAsync(rollout.Id, r => r.Batch == 2 && r.Agents.GetValueOrDefault(RolloutAgentState.Applied) == 3, "the second batch runs it");
        fleet.Agents[1].Report(healthy: true, exportFailures: 2000);
        rollout = await fleet.EndsAsync(rollout.Id, RolloutState.RolledBack);

        Assert.Equal($"agent {fleet.Agents[1].Uid}: 1000 export failures since it was offered this, 50 are allowed", rollout.Failure);
        Assert.Equal(3, rollout.Agents[RolloutAgentState.Reverted]);
        Assert.All(fleet.Agents, a => Assert.StartsWith("1/", a.Running, StringComparison.Ordinal));
    }

    /// <summary>What the defaults would let pass.</summary>
    [Fact]
    public async Task Start_StrictGate_RollsBackForAFewFailures()
    {
        await using var fleet = Fleet();
        var profile = await fleet.JoinBehindAsync(1);
        var rollout = await fleet.StartAsync(profile, 2, soakSeconds: 20, gate: new RolloutLimits(ExportFailures: 3));
        await fleet.BecomesAsync(rollout.Id, r => r.State == RolloutState.Soaking, "it soaks");
        fleet.Agents[0].Report(healthy: true, exportFailures: 4);

        rollout = await fleet.EndsAsync(rollout.Id, RolloutState.RolledBack);
        Assert.Equal($"agent {fleet.Agents[0].Uid}: 4 export failures since it was offered this, 3 are allowed", rollout.Failure);
    }

    [Fact]
    public async Task RollBack_CompletedRollout_IsANewDeploymentOfTheOlderApprovedVersion()
    {
        await using var fleet = Fleet();
        var profile = await fleet.JoinBehindAsync(2);
        var second = await fleet.StartAsync(profile, 2, canary: "2", soakSeconds: 0);
        await fleet.EndsAsync(second.Id, RolloutState.Completed);

        await fleet.Client.RollBackAsync(second.Id, new ChangeRolloutRequest("a customer complains"), CancellationToken.None);
        var rolledBack = await fleet.EndsAsync(second.Id, RolloutState.RolledBack);

        Assert.Equal("a customer complains", rolledBack.Failure);
        Assert.All(fleet.Agents, a => Assert.StartsWith("1/", a.Running, StringComparison.Ordinal));
        Assert.All(fleet.Agents, a => Assert.True(a.Memory.Counter > second.Counter));
        var again = await Assert.ThrowsAsync<ApiException>(() => fleet.Client.RollBackAsync(second.Id, new ChangeRolloutRequest(), CancellationToken.None));
        Assert.Equal((HttpStatusCode.Conflict, KnownProblems.Conflict), (again.Status, again.Type));
    }

    [Fact]
    public async Task Pause_MidWay_OffersNothingUntilItIsResumed()
    {
        await using var fleet = Fleet();
        await fleet.JoinAsync(2);
        var profile = ProfileVersions.NewName();
        await fleet.PublishAsync(profile, 1);
        var rollout = await fleet.StartAsync(profile, 1, soakSeconds: 2);
        await fleet.BecomesAsync(rollout.Id, r => r.State == RolloutState.Soaking, "the canary soaks");

        var paused = await fleet.Client.PauseRolloutAsync(rollout.Id, new ChangeRolloutRequest("lunch"), CancellationToken.None);
        Assert.Equal(RolloutState.Paused, paused.State);
        await Task.Delay(3000);
        Assert.Equal((RolloutState.Paused, 1), ((await fleet.Client.GetRolloutAsync(rollout.Id, CancellationToken.None)).State, fleet.Agents.Sum(a => a.Offers.Count)));

        await fleet.Client.ResumeRolloutAsync(rollout.Id, new ChangeRolloutRequest(), CancellationToken.None);
        var done = await fleet.EndsAsync(rollout.Id, RolloutState.Completed);
        Assert.Equal(["start", "offer", "pause", "resume", "offer", "complete"], done.Timeline.Select(e => e.Action));
        Assert.Equal(("olga", "lunch"), (done.Timeline[2].Actor, done.Timeline[2].Detail));
    }

    [Fact]
    public async Task Start_AgentOfAnotherRolloutUnderWay_IsRefused()
    {
        await using var fleet = Fleet();
        await fleet.JoinAsync(2);
        var profile = ProfileVersions.NewName();
        await fleet.PublishAsync(profile, 1);
        var rollout = await fleet.StartAsync(profile, 1, soakSeconds: 60);

        var refused = await Assert.ThrowsAsync<ApiException>(() => fleet.StartAsync(profile, 1));
        Assert.Equal(HttpStatusCode.Conflict, refused.Status);
        Assert.Contains(rollout.Id, refused.Detail, StringComparison.Ordinal);
        await fleet.BecomesAsync(rollout.Id, r => r.State == RolloutState.Soaking, "the canary soaks");
        await fleet.Client.RollBackAsync(rollout.Id, new ChangeRolloutRequest(), CancellationToken.None);
        var ended = await fleet.EndsAsync(rollout.Id, RolloutState.RolledBack);
        Assert.Equal(1, ended.Agents[RolloutAgentState.Kept]);
    }

    [Fact]
    public async Task Agent_ThatComesLate_GetsWhatTheLastCompletedRolloutBrought()
    {
        await using var fleet = Fleet();
        await fleet.JoinAsync(1);
        var profile = ProfileVersions.NewName();
        await fleet.PublishAsync(profile, 1);
        await fleet.DeployAsync(profile, 1);

        await fleet.JoinAsync(1);
        await Eventually.HoldsAsync(() => fleet.Agents[1].Running == fleet.Agents[0].Running, FleetUnderTest.Patience, "the late one runs what the other runs");
    }

    [Fact]
    public async Task Agent_ThatRefusedOnceAndRunsTheOldOne_IsNeverOfferedItAgainByItself()
    {
        await using var fleet = Fleet();
        await fleet.JoinAsync(1);
        var profile = ProfileVersions.NewName();
        await fleet.PublishAsync(profile, 1);
        await fleet.DeployAsync(profile, 1);

        // A late agent is offered the completed rollout, refuses it, and comes back twice.
        var late = new SimulatedGateway(fixture.Service.Url, fixture.AgentToken, fixture.Identities.Trust, fleet.Selector) { Reads = _ => "not today" };
        fleet.Agents.Add(late);
        await Eventually.HoldsAsync(async () => (await fleet.FindAsync(late))?.Error == "not today", FleetUnderTest.Patience, "the refusal is known");
        Assert.True(StellaOps.Telemetry.OpAmp.InstanceUid.TryParse(late.Uid, out var uid));
        await late.DisposeAsync();
        fleet.Agents.Remove(late);
        for (var i = 0; i < 2; i++)
        {
            await using var again = new SimulatedGateway(fixture.Service.Url, fixture.AgentToken, fixture.Identities.Trust, fleet.Selector, uid: uid);
            await Eventually.HoldsAsync(async () => again.IsConnected && (await fleet.FindAsync(again))!.Connected, FleetUnderTest.Patience, "it is back");
            await Task.Delay(1500);
            Assert.Empty(again.Offers);
            Assert.True((await fleet.FindAsync(again))!.Drift);
        }

        await using var willing = new SimulatedGateway(fixture.Service.Url, fixture.AgentToken, fixture.Identities.Trust, fleet.Selector, uid: uid);
        await Eventually.HoldsAsync(async () => willing.IsConnected && (await fleet.FindAsync(willing))!.Connected, FleetUnderTest.Patience, "it is back");
        await fleet.DeployAsync(profile, 1);
        Assert.Single(willing.Offers);
    }

    private FleetUnderTest Fleet() => new(fixture, fixture.Service.Url);
}
