using System.Net;
using System.Net.Http.Json;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Audit;
using StellaOps.Telemetry.Contracts.Incidents;
using StellaOps.Telemetry.Tests.Shared.Hosting;
using StellaOps.Telemetry.Tests.Shared.Redis;

namespace StellaOps.Telemetry.IncidentService.FunctionalTests.Incidents;

public sealed class IncidentsApiTests : IAsyncLifetime
{
    private IncidentServiceFixture _fixture = null!;
    private RunningService _service = null!;

    public async ValueTask InitializeAsync()
    {
        _fixture = await IncidentServiceFixture.CreateAsync(RedisKind.RedisServer, redisRuns: false);
        _service = await _fixture.StartServiceAsync();
    }

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Start_SameIdempotencyKey_OpensOneIncident()
    {
        using var client = _fixture.Responder(_service);
        var request = new StartIncidentRequest(IncidentServiceFixture.NewTenant(), ["shop"], "slow");
        var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(async _ => await (await client.SendJsonAsync("/api/v1/incidents", request, "one")).ReadAsync<IncidentResponse>()));
        Assert.Single(answers.Select(a => a.Id).Distinct());
        using var other = await client.SendJsonAsync("/api/v1/incidents", request with { Reason = "other" }, "one");
        await ProblemAssert.IsAsync(HttpStatusCode.UnprocessableEntity, KnownProblems.IdempotencyMismatch, other);
        var list = await (await client.GetAsync($"/api/v1/incidents?tenant={request.Tenant}")).ReadAsync<Page<IncidentResponse>>();
        Assert.Single(list.Items);
    }

    [Fact]
    public async Task Stop_IfMatch_RefusesAnotherVersion()
    {
        using var client = _fixture.Responder(_service);
        using var response = await client.SendJsonAsync("/api/v1/incidents", new StartIncidentRequest(IncidentServiceFixture.NewTenant(), null, "slow"));
        var started = await response.ReadAsync<IncidentResponse>();
        Assert.Equal("\"1\"", response.Headers.ETag!.Tag);
        var extended = await (await client.SendJsonAsync($"/api/v1/incidents/{started.Id}/extend", new ExtendIncidentRequest(7200))).ReadAsync<IncidentResponse>();
        Assert.Equal(2, extended.Version);
        Assert.Equal(extended.ActiveUntil.AddSeconds(300), extended.ExpiresAt);
        Assert.True(extended.ActiveUntil > started.ActiveUntil);

        await ProblemAssert.IsAsync(HttpStatusCode.PreconditionFailed, KnownProblems.PreconditionFailed, await StopAsync(client, started.Id, "\"1\""));
        Assert.Equal(HttpStatusCode.OK, (await StopAsync(client, started.Id, "\"2\"")).StatusCode);
    }

    [Fact]
    public async Task Extend_ShorterThanItIs_ChangesNothing()
    {
        using var client = _fixture.Responder(_service);
        var started = await (await client.SendJsonAsync("/api/v1/incidents", new StartIncidentRequest(IncidentServiceFixture.NewTenant(), null, "slow"))).ReadAsync<IncidentResponse>();
        var same = await (await client.SendJsonAsync($"/api/v1/incidents/{started.Id}/extend", new ExtendIncidentRequest(1))).ReadAsync<IncidentResponse>();
        Assert.Equivalent(started, same, strict: true);
    }

    [Fact]
    public async Task Stop_Again_ChangesNothingAndIsAuditedOnce()
    {
        using var client = _fixture.Responder(_service);
        var started = await (await client.SendJsonAsync("/api/v1/incidents", new StartIncidentRequest(IncidentServiceFixture.NewTenant(), null, "slow"))).ReadAsync<IncidentResponse>();
        var first = await (await StopAsync(client, started.Id, null)).ReadAsync<IncidentResponse>();
        var second = await (await StopAsync(client, started.Id, null)).ReadAsync<IncidentResponse>();
        Assert.Equivalent(first, second, strict: true);

        await using var rows = _fixture.Database.DataSource.CreateCommand($"SELECT string_agg(actor || ' ' || action, ', ' ORDER BY sequence) FROM audit.entries WHERE target = '{started.Id}'");
        Assert.Equal("rita incident.start, rita incident.stop", await rows.ExecuteScalarAsync());
    }

    [Fact]
    public async Task AnotherTenant_SeesAndChangesNothing()
    {
        using var client = _fixture.Responder(_service);
        var started = await (await client.SendJsonAsync("/api/v1/incidents", new StartIncidentRequest(IncidentServiceFixture.NewTenant(), null, "slow"))).ReadAsync<IncidentResponse>();
        using var stranger = _fixture.Responder(_service, IncidentServiceFixture.NewTenant().Value);

        await ProblemAssert.IsAsync(HttpStatusCode.NotFound, KnownProblems.NotFound, await stranger.GetAsync($"/api/v1/incidents/{started.Id}"));
        await ProblemAssert.IsAsync(HttpStatusCode.NotFound, KnownProblems.NotFound, await StopAsync(stranger, started.Id, null));
        await ProblemAssert.IsAsync(HttpStatusCode.Forbidden, KnownProblems.TenantNotAllowed, await stranger.GetAsync($"/api/v1/incidents?tenant={started.Tenant}"));
        await ProblemAssert.IsAsync(HttpStatusCode.Forbidden, KnownProblems.TenantNotAllowed, await stranger.SendJsonAsync("/api/v1/incidents", new StartIncidentRequest(started.Tenant, null, "x")));
        Assert.Empty((await (await stranger.GetAsync("/api/v1/incidents")).ReadAsync<Page<IncidentResponse>>()).Items);
        Assert.Equal(IncidentState.Requested, (await (await client.GetAsync($"/api/v1/incidents/{started.Id}")).ReadAsync<IncidentResponse>()).State);
    }

    [Fact]
    public async Task Start_ViewerRole_IsRefused()
    {
        using var viewer = _service.Client(_fixture.Issuer.Mint("vic", "*", [.. KnownScopes.Roles["viewer"]]));
        var response = await viewer.SendJsonAsync("/api/v1/incidents", new StartIncidentRequest(IncidentServiceFixture.NewTenant(), null, "slow"));
        await ProblemAssert.IsAsync(HttpStatusCode.Forbidden, KnownProblems.ScopeMissing, response);
    }

    [Theory]
    [InlineData("""{"tenant":"shop","reason":"x","samplingRate":0}""", "samplingRate")]
    [InlineData("""{"tenant":"shop","reason":"x","samplingRate":1.5}""", "samplingRate")]
    [InlineData("""{"tenant":"shop","reason":"  "}""", "reason")]
    [InlineData("""{"tenant":"shop","reason":"x","ttlSeconds":0}""", "ttlSeconds")]
    [InlineData("""{"tenant":"shop","reason":"x","cooldownSeconds":-1}""", "cooldownSeconds")]
    [InlineData("""{"tenant":"shop","reason":"x","services":[""]}""", "services")]
    [InlineData("""{"reason":"x"}""", "tenant")]
    [InlineData("""{"tenant":"shop","reason":"x","match":{"":"a"}}""", "match")]
    [InlineData("""{"tenant":"shop","reason":"x","lookbackSeconds":-1}""", "lookbackSeconds")]
    [InlineData("""{"tenant":"shop","reason":"x","captures":{"everySeconds":1}}""", "captures.everySeconds")]
    [InlineData("""{"tenant":"shop","reason":"x","retainUntil":"2020-01-01T00:00:00Z"}""", "retainUntil")]
    [InlineData("""{"tenant":"shop","reason":"x","retainUntil":"2999-01-01T00:00:00Z","legalHold":true}""", "retainUntil")]
    [InlineData("""{"tenant":"shop","reason":"x","replaces":""}""", "replaces")]
    public async Task Start_BadField_IsNamed(string json, string field)
    {
        using var client = _fixture.Responder(_service);
        using var content = new StringContent(json, System.Text.Encoding.UTF8, "application/json");
        var problem = await ProblemAssert.IsAsync(HttpStatusCode.BadRequest, KnownProblems.Validation, await client.PostAsync("/api/v1/incidents", content));
        Assert.Equal([field], problem.GetProperty("errors").EnumerateObject().Select(p => p.Name));
    }

    [Fact]
    public async Task Start_DefaultsInJson_AreThoseOfTheContract()
    {
        using var client = _fixture.Responder(_service);
        using var response = await client.PostAsJsonAsync("/api/v1/incidents", new { tenant = "defaults", reason = "x" });
        var incident = await response.ReadAsync<IncidentResponse>();
        Assert.Equal((IncidentSeverity.Critical, 1.0, 300), (incident.Severity, incident.SamplingRate, incident.CooldownSeconds));
        Assert.Equal(TimeSpan.FromHours(1), incident.ActiveUntil - incident.StartedAt);
        Assert.Contains("\"state\":\"requested\"", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task List_StateAndPages_AreNewestFirst()
    {
        using var client = _fixture.Responder(_service);
        var tenant = IncidentServiceFixture.NewTenant();
        var ids = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            ids.Add((await (await client.SendJsonAsync("/api/v1/incidents", new StartIncidentRequest(tenant, null, $"number {i}"))).ReadAsync<IncidentResponse>()).Id);
            await Task.Delay(2);
        }

        (await StopAsync(client, ids[1], null)).EnsureSuccessStatusCode();
        var first = await (await client.GetAsync($"/api/v1/incidents?tenant={tenant}&limit=2")).ReadAsync<Page<IncidentResponse>>();
        var second = await (await client.GetAsync($"/api/v1/incidents?tenant={tenant}&limit=2&cursor={first.NextCursor}")).ReadAsync<Page<IncidentResponse>>();
        Assert.Equal([ids[2], ids[1], ids[0]], first.Items.Concat(second.Items).Select(i => i.Id));
        var requested = await (await client.GetAsync($"/api/v1/incidents?tenant={tenant}&state=requested")).ReadAsync<Page<IncidentResponse>>();
        Assert.Equal([ids[2], ids[1], ids[0]], requested.Items.Select(i => i.Id));
        Assert.Equal(["start", "stop"], requested.Items[1].Timeline.Select(e => e.Action));
        Assert.Empty((await (await client.GetAsync($"/api/v1/incidents?tenant={tenant}&state=active")).ReadAsync<Page<IncidentResponse>>()).Items);
        await ProblemAssert.IsAsync(HttpStatusCode.BadRequest, KnownProblems.Validation, await client.GetAsync("/api/v1/incidents?state=burning"));
    }

    [Fact]
    public async Task Start_Replacing_EndsTheOtherAndNamesBoth()
    {
        using var client = _fixture.Responder(_service);
        var tenant = IncidentServiceFixture.NewTenant();
        var first = await (await client.SendJsonAsync("/api/v1/incidents", new StartIncidentRequest(tenant, null, "narrow"))).ReadAsync<IncidentResponse>();
        var second = await (await client.SendJsonAsync("/api/v1/incidents", new StartIncidentRequest(tenant, null, "wide", Replaces: first.Id))).ReadAsync<IncidentResponse>();
        var replaced = await (await client.GetAsync($"/api/v1/incidents/{first.Id}")).ReadAsync<IncidentResponse>();
        Assert.Equal((first.Id, second.Id), (second.Replaces, replaced.SupersededBy));

        // Redis is away: it was only requested, so it ends as one that no gateway heard of.
        Assert.Equal(IncidentState.Expired, replaced.State);
        await ProblemAssert.IsAsync(
            HttpStatusCode.Conflict, KnownProblems.Conflict, await client.SendJsonAsync("/api/v1/incidents", new StartIncidentRequest(tenant, null, "again", Replaces: first.Id)));
        await ProblemAssert.IsAsync(
            HttpStatusCode.NotFound,
            KnownProblems.NotFound,
            await client.SendJsonAsync("/api/v1/incidents", new StartIncidentRequest(IncidentServiceFixture.NewTenant(), null, "other tenant's", Replaces: second.Id)));
    }

    private static async Task<HttpResponseMessage> StopAsync(HttpClient client, string id, string? ifMatch)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/v1/incidents/{id}/stop");
        request.Content = JsonContent.Create(new StopIncidentRequest(), ContractsJson.Default.StopIncidentRequest);
        if (ifMatch is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        }

        return await client.SendAsync(request);
    }
}
