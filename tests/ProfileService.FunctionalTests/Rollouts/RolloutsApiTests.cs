using System.Net;
using System.Text.Json;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Rollouts;
using StellaOps.Telemetry.ProfileService.FunctionalTests.TestServices;
using StellaOps.Telemetry.Tests.Shared.Hosting;
using StellaOps.Telemetry.Tests.Shared.Profiles;

namespace StellaOps.Telemetry.ProfileService.FunctionalTests.Rollouts;

public sealed class RolloutsApiTests(ProfileServiceFixture fixture) : IClassFixture<ProfileServiceFixture>
{
    [Fact]
    public async Task Start_WrongRequest_NamesEveryFault()
    {
        using var admin = fixture.Admin;
        var request = new StartRolloutRequest(
            "", 0, new Dictionary<string, string> { [""] = "x" }, "half", 0, -1, 1, -1, new string('x', 2000), new byte[100_000], new RolloutLimits(-1, -1, -1, 0));
        var problem = await ProblemAssert.IsAsync(HttpStatusCode.BadRequest, KnownProblems.Validation, await admin.SendJsonAsync("/api/v1/rollouts", request));
        Assert.Equal(
            ["applySeconds", "approvalOverride", "batches", "canary", "floor", "gate.exportFailures", "gate.queueSeconds", "gate.refusals", "gate.unhealthySeconds", "profile", "reason", "selector", "soakSeconds", "version"],
            problem.GetProperty("errors").EnumerateObject().Select(e => e.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Start_LimitsOfTheGate_AreKeptWithTheRolloutAndWhatIsLeftOutIsTheDefault()
    {
        await using var fleet = new FleetUnderTest(fixture, fixture.Service.Url);
        await fleet.JoinAsync(1);
        var profile = ProfileVersions.NewName();
        await fleet.PublishAsync(profile, 1);
        using var admin = fixture.Admin;
        var body = $$$"""{"profile":"{{{profile}}}","selector":{"site":"{{{fleet.Selector["site"]}}}"},"soakSeconds":0,"gate":{"exportFailures":0,"queueSeconds":5}}""";
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");

        var started = await (await admin.PostAsync("/api/v1/rollouts", content)).ReadAsync<RolloutResponse>();
        Assert.Equal(new RolloutLimits(10, 0, 50, 5), started.Gate);
        Assert.Equal(started.Gate, (await fleet.EndsAsync(started.Id, RolloutState.Completed)).Gate);

        var unasked = await fleet.StartAsync(profile, 1, soakSeconds: 0);
        Assert.Equal(new RolloutLimits(10, 50, 50, 120), (await fleet.EndsAsync(unasked.Id, RolloutState.Completed)).Gate);
    }

    [Fact]
    public async Task Start_NoVersionOrNoAgent_SaysWhich()
    {
        using var admin = fixture.Admin;
        await ProblemAssert.IsAsync(HttpStatusCode.NotFound, KnownProblems.NotFound, await admin.SendJsonAsync("/api/v1/rollouts", new StartRolloutRequest("no-such-profile")));

        await using var fleet = new FleetUnderTest(fixture, fixture.Service.Url);
        var profile = ProfileVersions.NewName();
        await fleet.PublishAsync(profile, 1);
        var problem = await ProblemAssert.IsAsync(
            HttpStatusCode.Conflict, KnownProblems.Conflict, await admin.SendJsonAsync("/api/v1/rollouts", new StartRolloutRequest(profile, Selector: fleet.Selector)));
        Assert.Contains("No connected agent", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_SameIdempotencyKey_IsTheSameRollout()
    {
        await using var fleet = new FleetUnderTest(fixture, fixture.Service.Url);
        await fleet.JoinAsync(1);
        var profile = ProfileVersions.NewName();
        await fleet.PublishAsync(profile, 1);
        var request = new StartRolloutRequest(profile, 1, fleet.Selector, SoakSeconds: 0);
        var key = Guid.NewGuid().ToString("n");
        var first = await fleet.Client.StartRolloutAsync(request, key, CancellationToken.None);
        var second = await fleet.Client.StartRolloutAsync(request, key, CancellationToken.None);
        Assert.Equal((first.Id, first.Counter), (second.Id, second.Counter));
        await fleet.EndsAsync(first.Id, RolloutState.Completed);
    }

    [Fact]
    public async Task List_Pages_NewestFirstAndAgentsByBatch()
    {
        await using var fleet = new FleetUnderTest(fixture, fixture.Service.Url);
        await fleet.JoinAsync(3);
        var profile = ProfileVersions.NewName();
        await fleet.PublishAsync(profile, 1);
        var first = await fleet.StartAsync(profile, 1, soakSeconds: 0);
        await fleet.EndsAsync(first.Id, RolloutState.Completed);
        await fleet.DeployAsync(profile, 1);

        using var admin = fixture.Admin;
        var newest = await ReadAsync(admin, "/api/v1/rollouts?limit=1");
        var next = await ReadAsync(admin, $"/api/v1/rollouts?limit=1&cursor={newest.GetProperty("nextCursor").GetString()}");
        Assert.Equal(first.Id, next.GetProperty("items")[0].GetProperty("id").GetString());
        Assert.Equal("completed", next.GetProperty("items")[0].GetProperty("state").GetString());
        Assert.Equal(3, next.GetProperty("items")[0].GetProperty("agents").GetProperty("applied").GetInt32());

        var seen = new List<int>();
        string? cursor = "";
        while (cursor is not null)
        {
            var page = await ReadAsync(admin, $"/api/v1/rollouts/{first.Id}/agents?limit=2{(cursor.Length == 0 ? "" : "&cursor=" + cursor)}");
            seen.AddRange(page.GetProperty("items").EnumerateArray().Select(a => a.GetProperty("batch").GetInt32()));
            cursor = page.TryGetProperty("nextCursor", out var given) ? given.GetString() : null;
        }

        Assert.Equal([1, 2, 2], seen);
        await ProblemAssert.IsAsync(HttpStatusCode.BadRequest, KnownProblems.Validation, await admin.GetAsync($"/api/v1/rollouts/{first.Id}/agents?cursor=x"));
        await ProblemAssert.IsAsync(HttpStatusCode.NotFound, KnownProblems.NotFound, await admin.GetAsync("/api/v1/rollouts/no-such/agents"));
        await ProblemAssert.IsAsync(HttpStatusCode.NotFound, KnownProblems.NotFound, await admin.SendJsonAsync("/api/v1/rollouts/no-such/pause", new ChangeRolloutRequest()));
    }

    [Theory]
    [InlineData("/api/v1/rollouts", KnownScopes.ProfilesRead)]
    [InlineData("/api/v1/rollouts/x/rollback", KnownScopes.ProfilesWrite)]
    public async Task Post_WithoutTheScope_IsForbidden(string path, string scope)
    {
        using var reader = fixture.Service.Client(fixture.Issuer.Mint("vera", "*", scope));
        await ProblemAssert.IsAsync(HttpStatusCode.Forbidden, KnownProblems.ScopeMissing, await reader.SendJsonAsync(path, new ChangeRolloutRequest()));
    }

    private static async Task<JsonElement> ReadAsync(HttpClient client, string path)
    {
        var body = await (await client.GetAsync(path)).Content.ReadAsStringAsync();
        return JsonDocument.Parse(body).RootElement;
    }
}
