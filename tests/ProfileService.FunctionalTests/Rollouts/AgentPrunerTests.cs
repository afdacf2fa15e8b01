using Dapper;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using StellaOps.Telemetry.ProfileService.Agents;
using StellaOps.Telemetry.ProfileService.FunctionalTests.TestServices;
using StellaOps.Telemetry.ProfileService.Rollouts;
using StellaOps.Telemetry.ServiceDefaults.Database;
using StellaOps.Telemetry.Tests.Shared.Hosting;
using StellaOps.Telemetry.Tests.Shared.Postgres;
using StellaOps.Telemetry.Tests.Shared.Processes;

namespace StellaOps.Telemetry.ProfileService.FunctionalTests.Rollouts;

/// <summary>Agents that are not heard of any more, over a database whose clock is the test's.</summary>
public sealed class AgentPrunerTests(ProfileServiceFixture fixture) : IClassFixture<ProfileServiceFixture>, IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private TestDatabase _database = null!;
    private NpgsqlConnection _connection = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.CreateAsync();
        await new DatabaseMigrator(_database.DataSource, new DatabaseSchema("profile", typeof(ProfileServiceApp).Assembly)).MigrateAsync(CancellationToken.None);
        _connection = await _database.DataSource.OpenConnectionAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task Prune_NotHeardOfForThirtyDays_IsForgottenWithAllThatWasKeptOfIt()
    {
        var silent = await AddAgentAsync();
        _time.Advance(TimeSpan.FromDays(29));
        var recent = await AddAgentAsync();
        var pruner = Pruner(new AgentsOptions());

        await pruner.PruneAsync(_connection, CancellationToken.None);
        Assert.Equal(Sorted(silent, recent), await UidsAsync("agents"));

        _time.Advance(TimeSpan.FromDays(1) + TimeSpan.FromSeconds(1));
        await pruner.PruneAsync(_connection, CancellationToken.None);
        foreach (var table in new[] { "agents", "desired", "agent_owners" })
        {
            Assert.Equal([recent], await UidsAsync(table));
        }

        // Not at every look of the driver.
        _time.Advance(TimeSpan.FromDays(30));
        await AddAgentAsync(seen: _time.GetUtcNow().AddDays(-31));
        await pruner.PruneAsync(_connection, CancellationToken.None);
        Assert.Empty(await UidsAsync("agents"));
        await AddAgentAsync(seen: _time.GetUtcNow().AddDays(-31));
        _time.Advance(TimeSpan.FromMinutes(9));
        await pruner.PruneAsync(_connection, CancellationToken.None);
        Assert.Single(await UidsAsync("agents"));
        _time.Advance(TimeSpan.FromMinutes(1));
        await pruner.PruneAsync(_connection, CancellationToken.None);
        Assert.Empty(await UidsAsync("agents"));
    }

    [Theory]
    [InlineData("Paused", true)]
    [InlineData("RollingBack", true)]
    [InlineData("Completed", false)]
    [InlineData("Failed", false)]
    public async Task Prune_AgentOfARollout_StaysWhileThatIsUnderWay(string state, bool stays)
    {
        var uid = await AddAgentAsync();
        await AddRolloutAsync(state, uid);
        _time.Advance(TimeSpan.FromDays(400));

        await Pruner(new AgentsOptions()).PruneAsync(_connection, CancellationToken.None);

        Assert.Equal(stays, (await UidsAsync("agents")).Contains(uid));
        Assert.Equal(stays, (await UidsAsync("agent_owners")).Contains(uid));
        Assert.Equal(1, await _connection.ExecuteScalarAsync<int>("SELECT count(*) FROM profile.rollout_agents"));
    }

    [Fact]
    public async Task Prune_Many_GoBatchByBatch()
    {
        var all = AgentPruner.MaxBatch + 20;
        for (var i = 0; i < all; i++)
        {
            await AddAgentAsync();
        }

        _time.Advance(TimeSpan.FromDays(3));
        var pruner = Pruner(new AgentsOptions { ForgetAfter = TimeSpan.FromDays(2) });
        await pruner.PruneAsync(_connection, CancellationToken.None);
        Assert.Equal(all - AgentPruner.MaxBatch, (await UidsAsync("agents")).Count);

        await pruner.PruneAsync(_connection, CancellationToken.None);
        Assert.Empty(await UidsAsync("agents"));
        Assert.Empty(await UidsAsync("agent_owners"));
    }

    /// <summary>The owner of a uid that connected just now, of whose agent nothing is written yet.</summary>
    [Fact]
    public async Task Prune_OwnerThatIsBack_KeepsItsUid()
    {
        var uid = await AddAgentAsync();
        _time.Advance(TimeSpan.FromDays(31));
        await new AgentStore(_database.DataSource, _time).ClaimAsync(new(uid), new AgentOwner("agent", "*"), CancellationToken.None);

        await Pruner(new AgentsOptions()).PruneAsync(_connection, CancellationToken.None);
        Assert.Equal((0, 1), ((await UidsAsync("agents")).Count, (await UidsAsync("agent_owners")).Count));
    }

    [Fact]
    public async Task Driver_AtItsStart_ForgetsWhoIsLongGone()
    {
        var gone = await AddAgentAsync(seen: TimeProvider.System.GetUtcNow().AddDays(-3));
        var kept = await AddAgentAsync(seen: TimeProvider.System.GetUtcNow().AddDays(-1));
        string[] arguments = [.. RunningService.Arguments(fixture.Environment(_database.ConnectionString)), "--Stella:Agents:ForgetAfter=2.00:00:00"];
        await using var service = await RunningService.StartAsync(ProfileServiceApp.Build(arguments));

        await Eventually.HoldsAsync(async () => !(await UidsAsync("agents")).Contains(gone), FleetUnderTest.Patience, "it is forgotten");
        Assert.Equal([kept], await UidsAsync("agents"));
    }

    [Theory]
    [InlineData("23:59:59", false)]
    [InlineData("1.00:00:00", true)]
    [InlineData("3651.00:00:00", false)]
    public void Validate_ForgetAfter_IsADayToTenYears(string after, bool isGood) =>
        Assert.Equal(isGood, new ValidateAgentsOptions().Validate(null, new AgentsOptions { ForgetAfter = TimeSpan.Parse(after, System.Globalization.CultureInfo.InvariantCulture) }).Succeeded);

    private AgentPruner Pruner(AgentsOptions options) => new(Options.Create(options), _time, NullLogger<AgentPruner>.Instance);

    private async Task<Guid> AddAgentAsync(DateTimeOffset? seen = null)
    {
        var uid = Guid.CreateVersion7(_time.GetUtcNow());
        await _connection.ExecuteAsync(
            """
            INSERT INTO profile.agents (uid, kind, labels, transport, connected, manageable, status, first_seen_at, last_seen_at)
            VALUES (@uid, 'x', '{}', 'websocket', true, true, 'Unset', @At, @At);
            INSERT INTO profile.agent_owners (uid, subject, tenant, seen_at) VALUES (@uid, 'agent', '*', @At);
            INSERT INTO profile.desired (uid, counter, revision) VALUES (@uid, NULL, nextval('profile.desired_revision'))
            """,
            new { uid, At = seen ?? _time.GetUtcNow() });
        return uid;
    }

    private Task AddRolloutAsync(string state, Guid uid) => _connection.ExecuteAsync(
        """
        INSERT INTO profile.rollouts (id, profile, version, counter, selector, soak_seconds, apply_seconds, break_glass, state, batch, soaked, stepped_at, started_by, started_at)
        VALUES ('r', 'p', 1, 1, '{}', 1, 1, false, @state, 1, interval '0', now(), 'x', now());
        INSERT INTO profile.rollout_agents (rollout_id, uid, batch, state, silent, unhealthy, baseline) VALUES ('r', @uid, 1, 'Offered', interval '0', interval '0', '{}')
        """,
        new { state, uid });

    private async Task<IReadOnlyList<Guid>> UidsAsync(string table) => [.. (await _connection.QueryAsync<Guid>($"SELECT uid FROM profile.{table}")).Order()];

    private static IReadOnlyList<Guid> Sorted(params Guid[] uids) => [.. uids.Order()];
}
