using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.OpAmp;
using StellaOps.Telemetry.ProfileService.FunctionalTests.TestServices;
using StellaOps.Telemetry.Tests.Shared.Fleet;
using StellaOps.Telemetry.Tests.Shared.Processes;
using StellaOps.Telemetry.Tests.Shared.Profiles;

namespace StellaOps.Telemetry.ProfileService.FunctionalTests.OpAmp;

/// <summary>A uid belongs to whoever reported it first.</summary>
public sealed class AgentOwnerTests(ProfileServiceFixture fixture) : IClassFixture<ProfileServiceFixture>
{
    [Theory]
    [InlineData("mallory", "*", false)]
    [InlineData("mallory", "*", true)]
    [InlineData("agent", "shop", false)]
    public async Task Report_UidOfAnotherThatIsConnected_GetsAUidOfItsOwn(string subject, string tenant, bool polls)
    {
        await using var fleet = new FleetUnderTest(fixture, fixture.Service.Url);
        await fleet.JoinAsync(1);
        var profile = ProfileVersions.NewName();
        await fleet.PublishAsync(profile, 1);
        await fleet.DeployAsync(profile, 1);
        var (agent, before) = (fleet.Agents[0], (await fleet.FindAsync(fleet.Agents[0]))!);

        await using var other = Agent(fixture.Service.Url, subject, tenant, UidOf(agent), polls);
        await Eventually.HoldsAsync(async () => other.Uid != before.Uid && await fleet.FindAsync(other) is { Connected: true }, FleetUnderTest.Patience, "the other has a uid of its own");

        var after = (await fleet.FindAsync(agent))!;
        Assert.Equal((true, "other", before.Labels["site"]), (after.Connected, (await fleet.FindAsync(other))!.Labels["role"], after.Labels["site"]));
        Assert.Equal((1, before.Uid), (agent.Connections, agent.Uid));
        Assert.Empty(other.Offers);
        Assert.Contains($"belongs to 'agent'; '{subject}'", Assert.Single(fixture.Log.Of(1135, before.Uid)), StringComparison.Ordinal);

        // It takes what it is given as before.
        await fleet.PublishAsync(profile, 2);
        await fleet.DeployAsync(profile, 2);
        Assert.StartsWith("2/", agent.Running, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Report_UidOfAnotherThatIsAway_GetsAUidOfItsOwnAtEveryReplica()
    {
        await using var fleet = new FleetUnderTest(fixture, fixture.Service.Url);
        await fleet.JoinAsync(1);
        var uid = UidOf(fleet.Agents[0]);
        await fleet.Agents[0].DisposeAsync();
        fleet.Agents.Clear();
        var replica = await fixture.StartReplicaAsync();
        foreach (var service in new[] { fixture.Service.Url, replica.Url })
        {
            await using var other = Agent(service, "mallory", "*", uid, polls: false);
            await Eventually.HoldsAsync(async () => other.Uid != uid.ToString() && await fleet.FindAsync(other) is { Connected: true }, FleetUnderTest.Patience, "the other has a uid of its own");
        }

        Assert.Equal(fleet.Selector["site"], (await fleet.Client.GetAgentAsync(uid.ToString(), CancellationToken.None)).Labels["site"]);

        // A token that was renewed is the same owner's.
        await using var back = new SimulatedGateway(replica.Url, fixture.AgentToken, fixture.Identities.Trust, fleet.Selector, uid: uid);
        await Eventually.HoldsAsync(async () => back.IsConnected && await fleet.FindAsync(back) is { Connected: true }, FleetUnderTest.Patience, "the owner is back");
        Assert.Equal(uid.ToString(), back.Uid);
    }

    [Fact]
    public async Task Report_FreshUidByTwoAtOnce_BelongsToOne()
    {
        var replica = await fixture.StartReplicaAsync();
        await using var fleet = new FleetUnderTest(fixture, fixture.Service.Url);
        for (var i = 0; i < 5; i++)
        {
            var uid = InstanceUid.New(TimeProvider.System.GetUtcNow());
            await using var one = Agent(fixture.Service.Url, "one", "*", uid, polls: false);
            await using var two = Agent(replica.Url, "two", "*", uid, polls: false);
            await Eventually.HoldsAsync(
                async () => one.Uid != two.Uid && (await Task.WhenAll(fleet.FindAsync(one), fleet.FindAsync(two))).All(a => a is { Connected: true }),
                FleetUnderTest.Patience,
                "both are known under uids of their own");
            Assert.Single(new[] { one, two }, a => a.Uid == uid.ToString());
        }
    }

    private SimulatedGateway Agent(Uri service, string subject, string tenant, InstanceUid uid, bool polls) => new(
        service, fixture.Issuer.Mint(subject, tenant, KnownScopes.FleetAgent), fixture.Identities.Trust, new Dictionary<string, string> { ["role"] = "other" }, polls: polls, uid: uid);

    private static InstanceUid UidOf(SimulatedGateway agent) => InstanceUid.TryParse(agent.Uid, out var uid) ? uid : throw new InvalidOperationException(agent.Uid);
}
