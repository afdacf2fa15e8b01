using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Incidents;
using StellaOps.Telemetry.IncidentService.FunctionalTests.Hooks.TestServices;
using StellaOps.Telemetry.Tests.Shared.Hosting;

namespace StellaOps.Telemetry.IncidentService.FunctionalTests.Hooks;

public sealed class OrchestratorHookTests : HookTest
{
    private const string Any = "{ name: any, source: orchestrator, ttl: 2h }";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Events_OfBothModes_OpenExtendAndResolve(bool structured)
    {
        var (service, sender) = await StartSenderAsync(Any);
        Task<HttpResponseMessage> Send(string kind, string more = "{}")
        {
            var data = OrchestratorSender.Data("deploy-17", more);
            data["type"] = OrchestratorSender.TypeOf(kind);
            return structured ? sender.StructuredAsync(kind, data) : sender.BinaryAsync(kind, data);
        }

        Assert.Equal("1 0 0 0 0", await OutcomeAsync(Send("started", """{ "services": ["shop"], "severity": "warning", "reason": "rollout of shop 2.1 fails", "labels": { "ring": "1" } }""")));
        Assert.Equal("0 1 0 0 0", await OutcomeAsync(Send("extended")));
        Assert.Equal("0 0 1 0 0", await OutcomeAsync(Send("resolved", """{ "reason": "rolled back" }""")));
        Assert.Equal("0 0 0 1 0", await OutcomeAsync(Send("resolved")));

        var incident = Assert.Single(await IncidentsAsync(service));
        Assert.Equal(
            (Tenant, IncidentSeverity.Warning, "rollout of shop 2.1 fails", "orchestrator:main", new IncidentOrigin(IncidentOriginKind.Orchestrator, "any", "orchestrator:main:deploy-17")),
            (incident.Tenant, incident.Severity, incident.Reason, incident.OpenedBy, incident.Origin));
        Assert.Equal(["shop"], incident.Services);
        Assert.Equal(["start", "fire", "resolve"], incident.Timeline.Select(e => e.Action));
        Assert.Equal("rolled back", incident.Timeline[2].Detail);
        Assert.Equal("orchestrator:main incident.start, orchestrator:main incident.fire, orchestrator:main incident.resolve", await ActorsAsync());
    }

    [Fact]
    public async Task Rules_ByLabels_FirstWinsAndNoneIsIgnored()
    {
        var (service, sender) = await StartSenderAsync(
            "{ name: one, source: orchestrator, labels: { ring: '1' }, severity: info, services: [fixed], reason: '${label.ring} ${reason}' }",
            "{ name: two, source: orchestrator, label_patterns: { ring: '[0-9]' } }");

        Assert.Equal("1 0 0 0 0", await OutcomeAsync(sender.StructuredAsync("started", OrchestratorSender.Data("a", """{ "labels": { "ring": "1" }, "services": ["said"], "reason": "why" }"""))));
        Assert.Equal("1 0 0 0 0", await OutcomeAsync(sender.StructuredAsync("started", OrchestratorSender.Data("b", """{ "labels": { "ring": "2" } }"""))));
        Assert.Equal("0 0 0 0 1", await OutcomeAsync(sender.StructuredAsync("started", OrchestratorSender.Data("c"))));

        var incidents = await IncidentsAsync(service);
        Assert.Equal([("two", "main: b", IncidentSeverity.Critical), ("one", "1 why", IncidentSeverity.Info)], incidents.Select(i => (i.Origin.Rule, i.Reason, i.Severity)));
        Assert.Equal(["fixed"], incidents[1].Services);
    }

    [Fact]
    public async Task Signature_WrongOldRotatedOrOverAnotherBody_IsJudged()
    {
        var (service, sender) = await StartSenderAsync(Any);
        using var client = service.Client();
        var data = OrchestratorSender.Data("a");
        Task RefusedAsync(Task<HttpResponseMessage> post) => IsUnauthenticatedAsync(post);

        await RefusedAsync(new OrchestratorSender(client, new byte[32]).StructuredAsync("started", data));
        await RefusedAsync(sender.StructuredAsync("started", data, late: TimeSpan.FromMinutes(5.1)));
        await RefusedAsync(sender.StructuredAsync("started", data, late: TimeSpan.FromMinutes(-5.1)));
        await RefusedAsync(sender.StructuredAsync("started", data, change: r => Set(r, "webhook-id", "another")));
        await RefusedAsync(sender.StructuredAsync("started", data, change: r => Set(r, "webhook-timestamp", "1")));
        await RefusedAsync(sender.StructuredAsync("started", data, change: r => Set(r, "webhook-timestamp", "99999999999999999999")));
        await RefusedAsync(sender.StructuredAsync("started", data, change: r => r.Headers.Remove("webhook-signature")));
        await RefusedAsync(sender.StructuredAsync("started", data, change: r => Set(r, "webhook-signature", "v1,AAAA v1a,AAAA nonsense")));
        await RefusedAsync(sender.StructuredAsync("started", data, change: r => r.Content = new StringContent("{}")));
        Assert.Empty(await IncidentsAsync(service));

        // The second of two secrets, beside a signature of another key.
        var old = new OrchestratorSender(client, Folder.WriteSecret("old"));
        Folder.WriteDocument([$"{{ name: main, tenants: [{Tenant}], secret_files: [new, old] }}"], [Any]);
        Folder.WriteSecret("new");
        using var rotated = Fixture.Responder(await StartAsync());
        Assert.Equal("1 0 0 0 0", await OutcomeAsync(new OrchestratorSender(rotated, await SecretAsync("old")).StructuredAsync(
            "started", data, change: r => Set(r, "webhook-signature", $"v1,{Convert.ToBase64String(new byte[32])} {r.Headers.GetValues("webhook-signature").Single()}"))));
        Assert.Equal("0 1 0 0 0", await OutcomeAsync(new OrchestratorSender(rotated, await SecretAsync("new")).StructuredAsync("extended", data)));
    }

    [Fact]
    public async Task Message_Replayed_DoesNothingOnAnyReplica()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var (service, _) = await StartSenderAsync([Any], time);
        var other = await StartAsync(time);
        using var client = service.Client();
        using var second = other.Client();
        var secret = await SecretAsync("secret");
        var (one, two) = (new OrchestratorSender(client, secret) { Time = time }, new OrchestratorSender(second, secret) { Time = time });
        var data = OrchestratorSender.Data("a");

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => OutcomeAsync((i % 2 == 0 ? one : two).StructuredAsync("started", data, "msg_1"))));
        Assert.Equal(1, outcomes.Count(o => o == "1 0 0 0 0"));
        Assert.Equal(9, outcomes.Count(o => o == "0 0 0 1 0"));
        Assert.Equal("0 0 1 0 0", await OutcomeAsync(two.StructuredAsync("resolved", data, "msg_2")));

        // A start that somebody recorded does not open it again; nor can its id be used for something else.
        Assert.Equal("0 0 0 1 0", await OutcomeAsync(one.StructuredAsync("started", data, "msg_1")));
        Assert.NotNull(Assert.Single(await IncidentsAsync(service)).EndedAt);
        await ProblemAssert.IsAsync(HttpStatusCode.UnprocessableEntity, KnownProblems.IdempotencyMismatch, await two.StructuredAsync("extended", data, "msg_1"));

        // After the window its timestamp alone keeps it out, and it is forgotten.
        time.Advance(TimeSpan.FromMinutes(5.5));
        await IsUnauthenticatedAsync(one.StructuredAsync("started", data, "msg_1", late: TimeSpan.FromMinutes(5.5)));
        Assert.Equal("1 0 0 0 0", await OutcomeAsync(one.StructuredAsync("started", OrchestratorSender.Data("b"), "msg_3")));
        await using var left = Fixture.Database.DataSource.CreateCommand("SELECT string_agg(id, ' ') FROM incident.hook_messages");
        Assert.Equal("msg_3", await left.ExecuteScalarAsync());
    }

    [Fact]
    public async Task Message_ThatFailed_IsTakenTheNextTime()
    {
        var (service, sender) = await StartSenderAsync(Any);
        await ExecuteAsync("ALTER TABLE incident.incidents ADD CONSTRAINT broken CHECK (id = '')");
        await ProblemAssert.IsAsync(HttpStatusCode.ServiceUnavailable, KnownProblems.Unavailable, await sender.StructuredAsync("started", OrchestratorSender.Data("a"), "msg_1"));
        await ExecuteAsync("ALTER TABLE incident.incidents DROP CONSTRAINT broken");

        Assert.Equal("1 0 0 0 0", await OutcomeAsync(sender.StructuredAsync("started", OrchestratorSender.Data("a"), "msg_1")));
        Assert.Single(await IncidentsAsync(service));
    }

    [Fact]
    public async Task Tenant_IsOneOfTheKeys()
    {
        var other = IncidentServiceFixture.NewTenant();
        Folder.WriteSecret("both");
        var (service, sender) = await StartSenderAsync([Any], null, $"{{ name: both, tenants: [{Tenant}, {other}], secret_files: [both] }}");
        using var client = service.Client();
        var both = new OrchestratorSender(client, await SecretAsync("both"));

        await ProblemAssert.IsAsync(HttpStatusCode.Forbidden, KnownProblems.TenantNotAllowed, await sender.StructuredAsync("started", Of(other.Value)));
        await ProblemAssert.IsAsync(HttpStatusCode.BadRequest, KnownProblems.Validation, await both.StructuredAsync("started", OrchestratorSender.Data("a")));
        await ProblemAssert.IsAsync(HttpStatusCode.Forbidden, KnownProblems.TenantNotAllowed, await both.StructuredAsync("started", Of("stranger")));
        Assert.Empty(await IncidentsAsync(service));

        Assert.Equal("1 0 0 0 0", await OutcomeAsync(sender.StructuredAsync("started", Of(Tenant.Value))));
        Assert.Equal("1 0 0 0 0", await OutcomeAsync(both.StructuredAsync("started", Of(other.Value))));
        Assert.Equal([other, Tenant], (await IncidentsAsync(service)).Select(i => i.Tenant));

        // One orchestrator's correlation is not another's.
        Assert.Equal("0 0 0 1 0", await OutcomeAsync(both.StructuredAsync("resolved", Of(Tenant.Value))));

        static JsonObject Of(string tenant) => OrchestratorSender.Data("a", $$"""{ "tenant": "{{tenant}}" }""");
    }

    [Fact]
    public async Task Event_Malformed_IsRefused()
    {
        var (service, sender) = await StartSenderAsync(Any);
        const string Json = "application/cloudevents+json";
        async Task RefusedAsync(string field, Task<HttpResponseMessage> post)
        {
            var problem = await ProblemAssert.IsAsync(HttpStatusCode.BadRequest, KnownProblems.Validation, await post);
            Assert.Contains(field, problem.GetProperty("errors").EnumerateObject().Select(p => p.Name));
        }

        await RefusedAsync("type", sender.StructuredAsync("burning", OrchestratorSender.Data("a")));
        await RefusedAsync("data.correlation", sender.StructuredAsync("started", []));
        await RefusedAsync("data.severity", sender.StructuredAsync("started", OrchestratorSender.Data("a", """{ "severity": "bad" }""")));
        await RefusedAsync("data.tenant", sender.StructuredAsync("started", OrchestratorSender.Data("a", """{ "tenant": "UP" }""")));
        await RefusedAsync("data.services", sender.StructuredAsync("started", OrchestratorSender.Data("a", """{ "services": [""] }""")));
        await RefusedAsync("data.services", sender.StructuredAsync("started", OrchestratorSender.Data("a", """{ "services": [null] }""")));
        await RefusedAsync("data.labels", sender.StructuredAsync("started", OrchestratorSender.Data("a", """{ "labels": { "x": null } }""")));
        await RefusedAsync("data.type", sender.StructuredAsync("started", OrchestratorSender.Data("a", $$"""{ "type": "{{OrchestratorSender.TypeOf("resolved")}}" }""")));
        await RefusedAsync("specversion", sender.SendAsync("{}", Json));
        await RefusedAsync("data", sender.SendAsync("{}", Json));
        await RefusedAsync("body", sender.SendAsync("{", Json));
        await RefusedAsync("body", sender.SendAsync("null", Json));
        await RefusedAsync("body", sender.SendAsync("[]", Json));

        // Headers are not signed: one that turns a start into an end is found out, and so is one that is not backed by the body.
        await RefusedAsync("data.type", sender.BinaryAsync("resolved", OrchestratorSender.Data("a", $$"""{ "type": "{{OrchestratorSender.TypeOf("started")}}" }""")));
        await RefusedAsync("data.type", sender.BinaryAsync("started", OrchestratorSender.Data("a")));
        await RefusedAsync("id", sender.BinaryAsync("started", OrchestratorSender.Data("a"), change: r => r.Headers.Remove("ce-id")));

        await ProblemAssert.IsAsync(HttpStatusCode.UnsupportedMediaType, KnownProblems.UnsupportedMediaType, await sender.SendAsync("{}", "text/plain"));
        await ProblemAssert.IsAsync(HttpStatusCode.UnsupportedMediaType, KnownProblems.UnsupportedMediaType, await sender.SendAsync("{}", Json + "; charset=utf-16"));
        await ProblemAssert.IsAsync(
            HttpStatusCode.RequestEntityTooLarge, KnownProblems.PayloadTooLarge, await sender.StructuredAsync("started", OrchestratorSender.Data(new string('x', 64 * 1024))));
        Assert.Empty(await IncidentsAsync(service));
    }

    private static void Set(HttpRequestMessage request, string header, string value)
    {
        request.Headers.Remove(header);
        request.Headers.TryAddWithoutValidation(header, value);
    }

    private static async Task IsUnauthenticatedAsync(Task<HttpResponseMessage> post) =>
        await ProblemAssert.IsAsync(HttpStatusCode.Unauthorized, KnownProblems.Unauthenticated, await post);

    private async Task<byte[]> SecretAsync(string file) => Convert.FromBase64String((await File.ReadAllTextAsync(Folder.PathOf(file))).Trim()["whsec_".Length..]);

    private Task<(RunningService Service, OrchestratorSender Sender)> StartSenderAsync(params string[] rules) => StartSenderAsync(rules, null);

    private async Task<(RunningService Service, OrchestratorSender Sender)> StartSenderAsync(string[] rules, TimeProvider? time, params string[] more)
    {
        var secret = Folder.WriteSecret("secret");
        Folder.WriteDocument([$"{{ name: main, tenants: [{Tenant}], secret_files: [secret] }}", .. more], rules);
        var service = await StartAsync(time);
        return (service, new OrchestratorSender(service.Client(), secret) { Time = time ?? TimeProvider.System });
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var command = Fixture.Database.DataSource.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
