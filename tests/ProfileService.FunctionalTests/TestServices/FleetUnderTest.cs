using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Fleet;
using StellaOps.Telemetry.Contracts.Profiles;
using StellaOps.Telemetry.Contracts.Rollouts;
using StellaOps.Telemetry.Profiles.Signing;
using StellaOps.Telemetry.Tests.Shared.Fleet;
using StellaOps.Telemetry.Tests.Shared.Processes;
using StellaOps.Telemetry.Tests.Shared.Profiles;

namespace StellaOps.Telemetry.ProfileService.FunctionalTests.TestServices;

/// <summary>The agents of one test, told from those of others by a label, and what is done with them.</summary>
internal sealed class FleetUnderTest(ProfileServiceFixture fixture, Uri service) : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);
    private readonly HttpClient _http = new()
    {
        BaseAddress = service,
        DefaultRequestHeaders = { Authorization = new("Bearer", fixture.Issuer.Mint("olga", "*", KnownScopes.Admin)) },
    };

    public Dictionary<string, string> Selector { get; } = new() { ["site"] = Guid.NewGuid().ToString("n") };

    public List<SimulatedGateway> Agents { get; } = [];

    public ProfileClient Client => new(_http);

    public SignedProfiles Signed => new(fixture.Identities);

    /// <summary>Adds agents and waits until the service knows them.</summary>
    public async Task JoinAsync(int count, string kind = KnownFleet.Gateway, bool polls = false)
    {
        for (var i = 0; i < count; i++)
        {
            Agents.Add(new SimulatedGateway(service, fixture.AgentToken, fixture.Identities.Trust, Selector, kind, polls));
        }

        await Eventually.HoldsAsync(
            async () => (await Task.WhenAll(Agents.Select(a => FindAsync(a)))).All(a => a is { Connected: true, Manageable: true }), Patience, $"{Agents.Count} agents are known");
    }

    /// <summary>Publishes a version, approved by nobody.</summary>
    public async Task<ProfileClosure> PublishAsync(string name, long version, bool edge = false)
    {
        var closure = ProfileVersions.Closure(name, version, edge: edge);
        await Client.PublishAsync(name, new PublishProfileRequest(closure.ToBytes(), Signed.Version(closure)), null, CancellationToken.None);
        return closure;
    }

    public Task<RolloutResponse> StartAsync(string profile, long version, string canary = "1", int soakSeconds = 1, int applySeconds = 20, int? batches = null, long? floor = null, RolloutLimits? gate = null) =>
        Client.StartRolloutAsync(
            new StartRolloutRequest(profile, version, Selector, canary, batches, soakSeconds, applySeconds, floor, Gate: gate), Guid.NewGuid().ToString("n"), CancellationToken.None);

    /// <summary>Deploys to all at once and waits for the end.</summary>
    public async Task DeployAsync(string profile, long version)
    {
        var rollout = await StartAsync(profile, version, canary: "100%", soakSeconds: 0);
        await EndsAsync(rollout.Id, RolloutState.Completed);
    }

    /// <summary>Agents that run version 1 of a profile of which there is a version 2.</summary>
    /// <returns>The profile's name.</returns>
    public async Task<string> JoinBehindAsync(int agents)
    {
        await JoinAsync(agents);
        var profile = ProfileVersions.NewName();
        await PublishAsync(profile, 1);
        await DeployAsync(profile, 1);
        await PublishAsync(profile, 2);
        return profile;
    }

    public Task<RolloutResponse> EndsAsync(string id, RolloutState state) => BecomesAsync(id, r => r.State == state, state.ToString());

    public async Task<RolloutResponse> BecomesAsync(string id, Func<RolloutResponse, bool> condition, string what)
    {
        RolloutResponse? last = null;
        await Eventually.HoldsAsync(
            async () =>
            {
                last = await Client.GetRolloutAsync(id, CancellationToken.None);
                return condition(last);
            },
            Patience,
            $"{id}: {what}");
        return last!;
    }

    public async Task<AgentResponse?> FindAsync(SimulatedGateway agent)
    {
        try
        {
            return await Client.GetAgentAsync(agent.Uid, CancellationToken.None);
        }
        catch (ApiException e) when (e.Status == System.Net.HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var agent in Agents)
        {
            await agent.DisposeAsync();
        }

        _http.Dispose();
    }
}
