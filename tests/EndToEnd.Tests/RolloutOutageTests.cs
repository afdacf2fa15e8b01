using System.Diagnostics;
using System.Globalization;
using Npgsql;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Fleet;
using StellaOps.Telemetry.Contracts.Rollouts;
using StellaOps.Telemetry.EndToEnd.Tests.TestServices;
using StellaOps.Telemetry.Evidence.Signing;
using StellaOps.Telemetry.Tests.Shared.Fleet;
using StellaOps.Telemetry.Tests.Shared.Processes;
using StellaOps.Telemetry.Tests.Shared.Stack;

namespace StellaOps.Telemetry.EndToEnd.Tests;

/// <summary>
/// The profile service, Redis and PostgreSQL are stopped in turn while a rollout soaks: agents keep what they run and the gateway takes
/// telemetry, the rollout goes on afterwards, and whoever is asked says the same.
/// </summary>
public sealed class RolloutOutageTests(ITestOutputHelper output)
{
    private const string Profile = "shop";
    private const int SimulatedAgents = 3;
    private static readonly TimeSpan s_outage = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Rollout_ServiceRedisAndPostgresStoppedInTurn_GoesOnAndEverybodyAgrees()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var startedAt = TimeProvider.System.GetUtcNow();
        await using var process = await StackProcess.StartAsync();
        using var stack = await RunningStack.OpenAsync(process.StateDirectory);
        using var desk = new ProfileDesk(stack.Stella);
        var tenant = await stack.AddTenantAsync("steady");
        await tenant.WaitUntilAcceptedAsync(cancellationToken);
        await using var fleet = await SimulatedFleet.JoinAsync(process, stack, SimulatedAgents, cancellationToken);

        // 1. Everybody runs version 1.
        await desk.PublishAsync(Profile, "default", SpecOf(percent: 40));
        await desk.DeployedAsync(Profile, "--canary", "100%", "--soak", "0s");
        await desk.PublishAsync(Profile, "default", SpecOf(percent: 60));

        // 2. Version 2 goes out under traffic, in batches of 1, 2 and 1; in each soak something else is not there.
        await using var sender = SteadySender.Start(stack, tenant);
        var watching = desk.DeployedAsync(Profile, "--soak", "8s");
        var rollout = await BecomesAsync(stack, r => r is { Version: 2, Batch: 1, State: RolloutState.Soaking }, "the canary soaks");
        Assert.Equal([1, 2, 1], rollout.BatchSizes);
        await StopAsync(KnownServices.ProfileService, async () =>
        {
            Assert.Equal(5, (await stack.Stella.TelemetryAsync("rollout", "show", rollout.Id)).ExitCode);
            await Task.Delay(s_outage, cancellationToken);
        });
        await BecomesAsync(stack, r => r is { Batch: 2, State: RolloutState.Soaking }, "the second batch soaks");

        // A rollout does not rest on Redis: it goes on without it.
        await StopAsync(KnownServices.Redis, () => BecomesAsync(stack, r => r is { Batch: 3, State: RolloutState.Soaking }, "the third batch soaks while Redis is away"));
        await StopAsync(KnownServices.Postgres, async () =>
        {
            var shown = await stack.Stella.TelemetryAsync("rollout", "show", rollout.Id);
            Assert.True(shown.ExitCode == 5, $"{shown.ExitCode}: {shown.Error}");
            await Task.Delay(s_outage, cancellationToken);
            Assert.True(fleet.AreConnected, "an agent lost its connection to a service that is there");
        });

        // 3. It goes on to its end, and who watched it all the time is told.
        Assert.Contains("4 applied", (await watching).Output, StringComparison.Ordinal);
        var done = await stack.Profiles.GetRolloutAsync(rollout.Id, cancellationToken);
        Assert.Equal((RolloutState.Completed, null), (done.State, done.Failure));
        Assert.Equal(["start", "offer", "offer", "offer", "complete"], done.Timeline.Select(e => e.Action));
        await sender.AssertUndisturbedAsync(cancellationToken);
        var (kept, sampledOut) = await Books.AssertBalancedAsync(stack, tenant.Name, startedAt, cancellationToken);
        output.WriteLine($"{tenant.AcknowledgedSpans} spans meanwhile: {kept} kept and archived, {sampledOut} sampled out, none refused, none lost");

        // 4. Agents, the service's answers and its tables say the same.
        fleet.AssertEachWasOfferedOnce($"1/{done.Counter - 1}", $"2/{done.Counter}");
        var self = await stack.Gateway.GetSelfAsync(cancellationToken);
        Assert.Equal((Profile, 2L, done.Counter, done.Id), (self.Profile, self.Deployment!.Version, self.Deployment.Counter, self.Deployment.Rollout));
        Assert.Null(self.RefusedDeployment);
        await AssertAgentsAgreeAsync(stack, done.Counter, cancellationToken);
        await AssertTablesAgreeAsync(process, done, cancellationToken);

        async Task StopAsync(string victim, Func<Task> meanwhile)
        {
            var clock = Stopwatch.StartNew();
            await process.WithoutAsync(victim, async () =>
            {
                await meanwhile();
                await AssertAgentsWorkAsync(stack, fleet, rollout, cancellationToken);
            });
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{victim}: healthy again {clock.Elapsed.TotalSeconds:F1} s after it was stopped"));
        }
    }

    private static string SpecOf(int percent) =>
        $"  sampling:\n    decision_wait: 1s\n    policies:\n      - {{ name: share, type: probabilistic, probabilistic: {{ sampling_percentage: {percent} }} }}";

    /// <summary>Each runs one of the two versions, whole, whatever is not there; <see cref="SteadySender"/> says at the end that telemetry was taken.</summary>
    private static async Task AssertAgentsWorkAsync(RunningStack stack, SimulatedFleet fleet, RolloutResponse rollout, CancellationToken cancellationToken)
    {
        string[] either = [$"1/{rollout.Counter - 1}", $"2/{rollout.Counter}"];
        Assert.All(fleet.Running, r => Assert.Contains(r, either));
        var self = await stack.Gateway.GetSelfAsync(cancellationToken);
        Assert.Contains($"{self.Deployment!.Version}/{self.Deployment.Counter}", either);
        Assert.Null(self.Trouble);
    }

    private static async Task AssertAgentsAgreeAsync(RunningStack stack, long counter, CancellationToken cancellationToken)
    {
        var agents = (await stack.Profiles.ListAgentsAsync(null, cancellationToken)).Items;
        Assert.Equal(SimulatedAgents + 1, agents.Count);
        Assert.All(agents, a =>
        {
            Assert.Equal((true, false, AgentConfigStatus.Applied), (a.Connected, a.Drift, a.Status));
            Assert.Equal(new AgentDeployment(Profile, 2, counter), a.Desired);
            Assert.Equal(a.Desired, a.Running);
            Assert.Equal(a.DesiredHash, a.RunningHash);
            Assert.Equal(a.DesiredHash, a.ReceivedHash);
        });
    }

    /// <summary>Not two deployments where one was asked for, nor an agent between two.</summary>
    private static async Task AssertTablesAgreeAsync(StackProcess process, RolloutResponse rollout, CancellationToken cancellationToken)
    {
        var environment = SiblingProcess.EnvironmentOf(process.ProcessIdOf(KnownServices.ProfileService));
        await using var database = NpgsqlDataSource.Create(environment[KnownEnvironment.PostgresConnection]);
        await using var command = database.CreateCommand(
            $"""
            SELECT (SELECT string_agg(counter::text, ' ' ORDER BY counter) FROM profile.deployments),
                (SELECT count(*) FROM profile.desired WHERE counter = {rollout.Counter}),
                (SELECT count(*) FROM profile.agents a JOIN profile.deployments d ON d.gateway_hash = a.running_hash WHERE d.counter = {rollout.Counter}),
                (SELECT count(*) FROM profile.rollout_agents WHERE rollout_id = '{rollout.Id}' AND state = 'Applied'),
                (SELECT count(*) FROM profile.rollouts WHERE state <> 'Completed')
            """);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        Assert.True(await row.ReadAsync(cancellationToken));
        const long Everybody = SimulatedAgents + 1;
        Assert.Equal(
            ($"{rollout.Counter - 1} {rollout.Counter}", Everybody, Everybody, Everybody, 0L),
            (row.GetString(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4)));
    }

    /// <summary>The newest rollout; a service that is not there is asked again.</summary>
    private static async Task<RolloutResponse> BecomesAsync(RunningStack stack, Func<RolloutResponse, bool> condition, string what)
    {
        RolloutResponse? last = null;
        await Eventually.HoldsAsync(
            async () =>
            {
                last = (await stack.Profiles.ListRolloutsAsync(null, TestContext.Current.CancellationToken)).Items[0];
                Assert.False(last.State is RolloutState.Paused or RolloutState.RollingBack or RolloutState.RolledBack or RolloutState.Failed, $"{last.State}: {last.Failure}");
                return condition(last);
            },
            s_patience,
            what);
        return last!;
    }

    /// <summary>Gateways beside the real one, so that there are batches.</summary>
    private sealed class SimulatedFleet(IReadOnlyList<SimulatedGateway> agents) : IAsyncDisposable
    {
        public IEnumerable<string?> Running => agents.Select(a => a.Running);

        public bool AreConnected => agents.All(a => a.IsConnected);

        public static async Task<SimulatedFleet> JoinAsync(StackProcess process, RunningStack stack, int count, CancellationToken cancellationToken)
        {
            var trust = TrustStore.Load(Path.Combine(process.StateDirectory, "keys", "trust.json"));
            var token = process.MintToken("agent", "*", KnownScopes.FleetAgent);
            var fleet = new SimulatedFleet([.. Enumerable.Range(0, count).Select(_ => new SimulatedGateway(process.Url(KnownServices.ProfileService), token, trust))]);
            await Eventually.HoldsAsync(
                async () => (await stack.Profiles.GetFleetAsync(cancellationToken)).Connected == count + 1, s_patience, $"{count} agents and the gateway are in the fleet");
            return fleet;
        }

        public void AssertEachWasOfferedOnce(params string[] deployments) => Assert.All(agents, a => Assert.Equal(deployments, a.Offers));

        public async ValueTask DisposeAsync()
        {
            foreach (var agent in agents)
            {
                await agent.DisposeAsync();
            }
        }
    }
}
