using System.Diagnostics;
using System.Net;
using Microsoft.Extensions.Time.Testing;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Incidents;
using StellaOps.Telemetry.IncidentService.Publishing;
using StellaOps.Telemetry.Tests.Shared.Hosting;
using StellaOps.Telemetry.Tests.Shared.Processes;
using StellaOps.Telemetry.Tests.Shared.Redis;

namespace StellaOps.Telemetry.IncidentService.FunctionalTests.Publishing;

/// <summary>What gateways hear and find, over each server that speaks Redis.</summary>
public sealed class PublishingTests
{
    private static readonly TimeSpan s_heal = TimeSpan.FromSeconds(10);

    public static TheoryData<RedisKind> Kinds => [RedisKind.Garnet, RedisKind.RedisServer];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task StartAndStop_GatewayListening_HearsSignedVersionsAtOnce(RedisKind kind)
    {
        await using var fixture = await IncidentServiceFixture.CreateAsync(kind);
        var service = await fixture.StartServiceAsync();
        await using var view = await RedisView.ConnectAsync(fixture.Redis, fixture.Identities.Trust);
        using var client = fixture.Responder(service);
        var tenant = IncidentServiceFixture.NewTenant();

        var watch = Stopwatch.StartNew();
        var started = await (await client.SendJsonAsync("/api/v1/incidents", new StartIncidentRequest(tenant, ["shop", "cart"], "checkout fails", SamplingRate: 0.5))).ReadAsync<IncidentResponse>();
        await Eventually.HoldsAsync(() => !view.Heard.IsEmpty, s_heal, "the start is heard");
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(1), $"heard after {watch.Elapsed}");
        var expected = new IncidentMessage(started.Id, 2, false, tenant, ["cart", "shop"], 0.5, started.StartedAt, started.ExpiresAt);
        Assert.True(view.Heard.TryDequeue(out var heard));
        Assert.Equivalent(expected, heard, strict: true);
        Assert.Equivalent(expected, await view.FindAsync(started.Id), strict: true);
        Assert.Equal(started.StartedAt.AddSeconds(3600 + 300), started.ExpiresAt);

        // Cooling down: still raised, with a nearer end.
        var cooling = await (await client.SendJsonAsync($"/api/v1/incidents/{started.Id}/stop", new StopIncidentRequest())).ReadAsync<IncidentResponse>();
        Assert.Equal((IncidentState.CoolingDown, 3L), (cooling.State, cooling.Version));
        Assert.Equal(cooling.EndedAt!.Value.AddSeconds(300), cooling.ExpiresAt);
        await Eventually.HoldsAsync(() => !view.Heard.IsEmpty, s_heal, "the cooldown is heard");
        Assert.True(view.Heard.TryDequeue(out heard));
        Assert.Equivalent(expected with { Version = 3, ExpiresAt = cooling.ExpiresAt }, heard, strict: true);

        // Now: a tombstone of a higher version, which stays for those who come late.
        await client.SendJsonAsync($"/api/v1/incidents/{started.Id}/stop", new StopIncidentRequest(Now: true));
        await Eventually.HoldsAsync(() => !view.Heard.IsEmpty, s_heal, "the end is heard");
        Assert.True(view.Heard.TryDequeue(out heard));
        Assert.Equal((5L, true), (heard.Version, heard.Tombstone));
        await Task.Delay(TimeSpan.FromSeconds(2.5));
        Assert.Equal((5L, true), await view.FindAsync(started.Id) is { } last ? (last.Version, last.Tombstone) : default);
        Assert.Empty(view.Heard);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Redis_FlushedOrTamperedWith_Heals(RedisKind kind)
    {
        await using var fixture = await IncidentServiceFixture.CreateAsync(kind);
        var service = await fixture.StartServiceAsync();
        await using var view = await RedisView.ConnectAsync(fixture.Redis, fixture.Identities.Trust);
        using var client = fixture.Responder(service);
        var incident = await StartAsync(client);
        await Eventually.HoldsAsync(async () => await view.FindAsync(incident.Id) is not null, s_heal, "it is published");

        await fixture.Redis.FlushAsync();
        await Eventually.HoldsAsync(async () => await view.FindAsync(incident.Id) is { Version: 2, Tombstone: false }, s_heal, "it is back after a flush");

        await view.Database.HashSetAsync(KnownRedis.ActiveIncidents, [new(incident.Id, "not ours"), new("inc-unknown", "not ours")]);
        await Eventually.HoldsAsync(
            async () => await view.Database.HashGetAsync(KnownRedis.ActiveIncidents, incident.Id) != "not ours"
                && await view.Database.HashLengthAsync(KnownRedis.ActiveIncidents) == 1,
            s_heal,
            "what is not ours is replaced or gone");
        Assert.Equal(2, (await view.FindAsync(incident.Id))!.Version);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Redis_AwayThenBack_IncidentIsTakenAndPublishedLater(RedisKind kind)
    {
        await using var fixture = await IncidentServiceFixture.CreateAsync(kind, redisRuns: false);
        var service = await fixture.StartServiceAsync();
        using var client = fixture.Responder(service);
        var watch = Stopwatch.StartNew();
        var incident = await StartAsync(client);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(2), $"the start took {watch.Elapsed}");
        Assert.Equal((IncidentState.Requested, 1L), (incident.State, incident.Version));
        Assert.Contains("Degraded", await client.GetStringAsync("/health"), StringComparison.Ordinal);

        await fixture.Redis.StartAsync();
        await using (var view = await RedisView.ConnectAsync(fixture.Redis, fixture.Identities.Trust))
        {
            await Eventually.HoldsAsync(async () => await view.FindAsync(incident.Id) is { Version: 2 }, s_heal, "it is published when Redis comes");
            await Eventually.HoldsAsync(async () => (await ReadAsync(client, incident.Id)).State == IncidentState.Active, s_heal, "it is active then");
        }

        await fixture.Redis.StopAsync();
        (await client.SendJsonAsync($"/api/v1/incidents/{incident.Id}/stop", new StopIncidentRequest(Now: true))).EnsureSuccessStatusCode();
        await fixture.Redis.StartAsync();
        await using (var view = await RedisView.ConnectAsync(fixture.Redis, fixture.Identities.Trust))
        {
            await Eventually.HoldsAsync(async () => await view.FindAsync(incident.Id) is { Version: 4, Tombstone: true }, s_heal, "its end is published when Redis is back");
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Redis_ConnectionsGoDarkForAWhile_IncidentIsPublishedWithinFiveSecondsAfterwards(RedisKind kind)
    {
        await using var fixture = await IncidentServiceFixture.CreateAsync(kind);
        await using var proxy = new DarkProxy(fixture.Redis.ConnectionString);
        var service = await fixture.StartServiceAsync(settings: new Dictionary<string, string> { [KnownEnvironment.RedisConnection] = proxy.ConnectionString });
        await using var view = await RedisView.ConnectAsync(fixture.Redis, fixture.Identities.Trust);
        using var client = fixture.Responder(service);
        var before = await StartAsync(client);
        Assert.Equal(IncidentState.Active, before.State);

        proxy.GoDark();
        var incident = await StartAsync(client);
        Assert.Equal(IncidentState.Requested, incident.State);
        await Task.Delay(TimeSpan.FromSeconds(8));
        Assert.Null(await view.FindAsync(incident.Id));

        proxy.GoLight();
        await Eventually.HoldsAsync(async () => await view.FindAsync(incident.Id) is { Tombstone: false }, TimeSpan.FromSeconds(5), "it is published when it is light again");
        await Eventually.HoldsAsync(async () => (await ReadAsync(client, incident.Id)).State == IncidentState.Active, s_heal, "and is active");
    }

    [Fact]
    public async Task Clock_TimeRunsOut_CoolsDownThenClosesThenForgets()
    {
        await using var fixture = await IncidentServiceFixture.CreateAsync(RedisKind.RedisServer);
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var service = await fixture.StartServiceAsync(time);
        await using var view = await RedisView.ConnectAsync(fixture.Redis, fixture.Identities.Trust);
        using var client = fixture.Responder(service);
        var incident = await StartAsync(client, ttlSeconds: 60, cooldownSeconds: 30);

        time.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal(IncidentState.Active, (await ReadAsync(client, incident.Id)).State);
        await AdvanceUntilAsync(time, TimeSpan.FromSeconds(1), async () => (await ReadAsync(client, incident.Id)).State == IncidentState.CoolingDown, "it cools down");
        var cooling = await ReadAsync(client, incident.Id);
        Assert.Equal((incident.ActiveUntil, incident.ExpiresAt), (cooling.EndedAt, cooling.ExpiresAt));
        await Eventually.HoldsAsync(async () => await view.FindAsync(incident.Id) is { Version: 3, Tombstone: false }, s_heal, "the cooldown is published");
        Assert.Contains($"telemetry_incident_mode{{otel_scope_name=\"StellaOps.Telemetry.IncidentService\",service=\"*\",tenant=\"{incident.Tenant}\"}} 1", await ScrapeAsync(service), StringComparison.Ordinal);

        await AdvanceUntilAsync(time, TimeSpan.FromSeconds(30), async () => (await ReadAsync(client, incident.Id)).State == IncidentState.Closed, "it closes");
        await Eventually.HoldsAsync(async () => await view.FindAsync(incident.Id) is { Version: 4, Tombstone: true }, s_heal, "the end is published");
        await Eventually.HoldsAsync(
            async () => (await ScrapeAsync(service)).Contains($"service=\"*\",tenant=\"{incident.Tenant}\"}} 0", StringComparison.Ordinal), s_heal, "the metric reverts");
        Assert.Equal(["start", "activate", "cool-down", "close"], (await ReadAsync(client, incident.Id)).Timeline.Select(e => e.Action));

        await AdvanceUntilAsync(time, IncidentPublisher.TombstoneMargin, async () => await view.FindAsync(incident.Id) is null, "the tombstone goes when nobody can need it");
    }

    [Fact]
    public async Task Replicas_OverOneDatabase_MoveAnIncidentOnce()
    {
        await using var fixture = await IncidentServiceFixture.CreateAsync(RedisKind.RedisServer);
        var one = await fixture.StartServiceAsync();
        await fixture.StartServiceAsync();
        using var client = fixture.Responder(one);
        var incident = await StartAsync(client, ttlSeconds: 1, cooldownSeconds: 1);
        await Eventually.HoldsAsync(async () => (await ReadAsync(client, incident.Id)).State == IncidentState.Closed, s_heal, "it closes");
        var ended = await ReadAsync(client, incident.Id);
        Assert.Equal(4, ended.Version);
        Assert.Equal(["start", "activate", "cool-down", "close"], ended.Timeline.Select(e => e.Action));
        using var gone = await client.SendJsonAsync($"/api/v1/incidents/{incident.Id}/extend", new ExtendIncidentRequest(60));
        await ProblemAssert.IsAsync(HttpStatusCode.Conflict, KnownProblems.Conflict, gone);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Start_Replacing_IsHeardBeforeTheOtherEnds(RedisKind kind)
    {
        await using var fixture = await IncidentServiceFixture.CreateAsync(kind);
        var service = await fixture.StartServiceAsync();
        using var client = fixture.Responder(service);
        var first = await StartAsync(client);
        await using var view = await RedisView.ConnectAsync(fixture.Redis, fixture.Identities.Trust);
        var request = new StartIncidentRequest(first.Tenant, null, "wider", Replaces: first.Id, Match: new Dictionary<string, string> { ["http.route"] = "/pay" });
        var second = await (await client.SendJsonAsync("/api/v1/incidents", request)).ReadAsync<IncidentResponse>();
        await Eventually.HoldsAsync(() => view.Heard.Any(m => m.Tombstone), s_heal, "both are heard");

        // What was in force before may be told again, to be sure.
        var heard = view.Heard.Where(m => (m.Id, m.Version) != (first.Id, 2L)).ToList();
        Assert.Equal([(second.Id, 2L, false), (first.Id, 3L, true)], heard.Select(m => (m.Id, m.Version, m.Tombstone)));
        Assert.Equal("/pay", heard[0].Match!["http.route"]);
        Assert.Equal(IncidentState.Superseded, (await ReadAsync(client, first.Id)).State);
    }

    private static async Task<IncidentResponse> StartAsync(HttpClient client, int ttlSeconds = 3600, int cooldownSeconds = 300) =>
        await (await client.SendJsonAsync(
            "/api/v1/incidents",
            new StartIncidentRequest(IncidentServiceFixture.NewTenant(), null, "test", TtlSeconds: ttlSeconds, CooldownSeconds: cooldownSeconds))).ReadAsync<IncidentResponse>();

    private static async Task<IncidentResponse> ReadAsync(HttpClient client, string id) => await (await client.GetAsync($"/api/v1/incidents/{id}")).ReadAsync<IncidentResponse>();

    /// <summary>Moves the clock by what is asked, then in small steps so that timers fire, until the condition holds.</summary>
    private static async Task AdvanceUntilAsync(FakeTimeProvider time, TimeSpan by, Func<Task<bool>> condition, string what)
    {
        time.Advance(by);
        await Eventually.HoldsAsync(
            async () =>
            {
                time.Advance(TimeSpan.FromMilliseconds(50));
                return await condition();
            },
            s_heal,
            what);
    }

    private static async Task<string> ScrapeAsync(RunningService service)
    {
        using var anyone = service.Client();
        return await anyone.GetStringAsync("/metrics");
    }
}
