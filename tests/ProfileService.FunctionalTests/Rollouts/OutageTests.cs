using System.Net;
using StellaOps.Telemetry.Contracts.Rollouts;
using StellaOps.Telemetry.ProfileService.FunctionalTests.TestServices;
using StellaOps.Telemetry.Tests.Shared.Hosting;
using StellaOps.Telemetry.Tests.Shared.Postgres;
using StellaOps.Telemetry.Tests.Shared.Processes;

namespace StellaOps.Telemetry.ProfileService.FunctionalTests.Rollouts;

/// <summary>What a rollout rests on is stopped in its middle: agents keep working, and it goes on afterwards from where it was.</summary>
public sealed class OutageTests(ProfileServiceFixture fixture) : IClassFixture<ProfileServiceFixture>
{
    [Fact]
    public async Task Service_StoppedMidWay_GoesOnAfterTheNextStart()
    {
        await using var database = await TestDatabase.CreateAsync();
        var port = FreePort.Next();
        var service = await StartAsync(database, port);
        await using var fleet = new FleetUnderTest(fixture, service.Url);
        await fleet.JoinAsync(4);
        var profile = TestProfiles.NewName();
        await fleet.PublishAsync(profile, 1);
        var rollout = await fleet.StartAsync(profile, 1, soakSeconds: 2);
        await fleet.BecomesAsync(rollout.Id, r => r.Batch == 2 && r.Agents.GetValueOrDefault(RolloutAgentState.Applied) == 3, "the second batch runs it");

        await service.DisposeAsync();
        Assert.Equal(3, fleet.Agents.Count(a => a.Running == $"1/{rollout.Counter}"));
        await Task.Delay(3000);
        await using var next = await StartAsync(database, port);

        var done = await fleet.EndsAsync(rollout.Id, RolloutState.Completed);
        Assert.Equal(4, done.Agents[RolloutAgentState.Applied]);
        Assert.All(fleet.Agents, a => Assert.Equal([$"1/{rollout.Counter}"], a.Offers));
        Assert.Equal(["start", "offer", "offer", "offer", "complete"], done.Timeline.Select(e => e.Action));
    }

    [Fact]
    public async Task Postgres_StoppedMidWay_AgentsKeepTheirsAndItGoesOnAfterwards()
    {
        await using var server = await PostgresServer.StartNewAsync();
        await using var database = await TestDatabase.CreateAsync(server);
        await using var service = await StartAsync(database, FreePort.Next());
        await using var fleet = new FleetUnderTest(fixture, service.Url);
        await fleet.JoinAsync(4);
        var profile = TestProfiles.NewName();
        await fleet.PublishAsync(profile, 1);
        var rollout = await fleet.StartAsync(profile, 1, soakSeconds: 2, applySeconds: 5);
        await fleet.BecomesAsync(rollout.Id, r => r.Batch == 2 && r.Agents.GetValueOrDefault(RolloutAgentState.Applied) == 3, "the second batch runs it");

        await server.StopAsync();
        using (var admin = service.Client(fixture.Issuer.Mint("olga", "*", "admin")))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, (await admin.GetAsync($"/api/v1/rollouts/{rollout.Id}")).StatusCode);
        }

        // Longer than an agent may take to apply: time in which nobody could look fails nobody.
        await Task.Delay(7000);
        Assert.All(fleet.Agents, a => Assert.True(a.IsConnected));
        Assert.Equal(3, fleet.Agents.Count(a => a.Running == $"1/{rollout.Counter}"));
        await server.StartAsync();

        var done = await fleet.EndsAsync(rollout.Id, RolloutState.Completed);
        Assert.Equal(4, done.Agents[RolloutAgentState.Applied]);
        Assert.All(fleet.Agents, a => Assert.Equal([$"1/{rollout.Counter}"], a.Offers));
    }

    [Fact]
    public async Task Driver_StoppedWhileAnotherReplicaRuns_ThatOneGoesOn()
    {
        await using var database = await TestDatabase.CreateAsync();
        var first = await StartAsync(database, FreePort.Next());
        await using var second = await StartAsync(database, FreePort.Next());
        await using var fleet = new FleetUnderTest(fixture, second.Url);
        await fleet.JoinAsync(3);
        var profile = TestProfiles.NewName();
        await fleet.PublishAsync(profile, 1);
        var rollout = await fleet.StartAsync(profile, 1, soakSeconds: 2);
        await fleet.BecomesAsync(rollout.Id, r => r.State == RolloutState.Soaking, "the canary soaks");
        await first.DisposeAsync();

        var done = await fleet.EndsAsync(rollout.Id, RolloutState.Completed);
        Assert.Equal(3, done.Agents[RolloutAgentState.Applied]);
        Assert.All(fleet.Agents, a => Assert.Single(a.Offers));
    }

    private async Task<RunningService> StartAsync(TestDatabase database, int port)
    {
        string[] arguments = [.. RunningService.Arguments(fixture.Environment(database.ConnectionString)), $"--urls=http://127.0.0.1:{port}"];
        var service = await RunningService.StartAsync(ProfileServiceApp.Build(arguments));
        await service.ReadyAsync();
        return service;
    }
}
