using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Incidents;
using StellaOps.Telemetry.IncidentService.FunctionalTests.Hooks.TestServices;
using StellaOps.Telemetry.Tests.Shared.Hosting;

namespace StellaOps.Telemetry.IncidentService.FunctionalTests.Hooks;

public sealed class AlertmanagerHookTests : HookTest
{
    private const string Slow = "{ name: slow, source: alertmanager, services_label: service, correlate_by: [service] }";

    [Fact]
    public async Task Firing_RuleWithEverything_OpensWhatItSays()
    {
        Folder.WriteRules(
            "{ name: other, source: alertmanager, services: [], labels: { alertname: Other } }",
            """{ name: full, source: alertmanager, labels: { alertname: Slow }, label_patterns: { severity: "page|ticket" }, severity_label: severity, severity_values: { page: critical }, severity: warning, services: [shop, cart], match_labels: { deployment.environment.name: env }, sampling_rate: 0.5, ttl: 2h, cooldown: 10m, lookback: 30m, captures: { on_open: true, on_close: false, every: 1h }, retain: 90d, correlate_by: [env], reason: "${label.alertname} in ${label.env}: ${annotation.summary}" }""");
        var service = await StartAsync();
        using var client = Fixture.Responder(service, Tenant.Value);

        Assert.Equal("1 0 0 0 0", await OutcomeAsync(client.PostAlertsAsync(Alerts.Firing("alertname=Slow,severity=page,env=eu", summary: "p99 is 3s\u001b[31m"))));

        var incident = Assert.Single(await IncidentsAsync(service));
        Assert.Equal(
            (Tenant, IncidentSeverity.Critical, 0.5, 600, 1800, "Slow in eu: p99 is 3s [31m", "alert:full"),
            (incident.Tenant, incident.Severity, incident.SamplingRate, incident.CooldownSeconds, incident.LookbackSeconds, incident.Reason, incident.OpenedBy));
        Assert.Equal(["cart", "shop"], incident.Services);
        Assert.Equal("eu", Assert.Single(incident.Match).Value);
        Assert.Equal((TimeSpan.FromHours(2), TimeSpan.FromDays(90)), (incident.ActiveUntil - incident.StartedAt, Days(incident.RetainUntil!.Value - incident.StartedAt)));
        Assert.Equal(new IncidentCaptures(true, false, 3600), incident.Captures);
        Assert.Equal(new IncidentOrigin(IncidentOriginKind.Alert, "full", """alert:full:["eu"]"""), incident.Origin);
        Assert.Equal("alert:full incident.start", await ActorsAsync());
    }

    [Fact]
    public async Task Delivery_Repeated_ChangesNothing()
    {
        Folder.WriteRules(Slow);
        var service = await StartAsync();
        using var client = Fixture.Responder(service, Tenant.Value);
        var alert = Alerts.Firing("alertname=Slow,service=shop");

        Assert.Equal("1 0 0 0 0", await OutcomeAsync(client.PostAlertsAsync((JsonObject)alert.DeepClone())));
        var first = Assert.Single(await IncidentsAsync(service));
        Assert.Equal("0 0 0 1 0", await OutcomeAsync(client.PostAlertsAsync((JsonObject)alert.DeepClone())));
        Assert.Equivalent(first, Assert.Single(await IncidentsAsync(service)), strict: true);

        Assert.Equal("0 0 1 0 0", await OutcomeAsync(client.PostAlertsAsync(Alerts.Resolved("alertname=Slow,service=shop"))));
        Assert.Equal("0 0 0 1 0", await OutcomeAsync(client.PostAlertsAsync(Alerts.Resolved("alertname=Slow,service=shop"))));
        Assert.Equal(["start", "resolve"], Assert.Single(await IncidentsAsync(service)).Timeline.Select(e => e.Action));
    }

    [Fact]
    public async Task Delivery_AtOnceFromManyReplicas_IsOneIncident()
    {
        Folder.WriteRules(Slow);
        var (one, other) = (await StartAsync(), await StartAsync());
        using var client = Fixture.Responder(one, Tenant.Value);
        using var second = Fixture.Responder(other, Tenant.Value);

        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => OutcomeAsync((i % 2 == 0 ? client : second).PostAlertsAsync(Alerts.Firing($"alertname=Slow,service=shop,pod=p{i}")))));
        Assert.Single(await IncidentsAsync(one));

        // All but one are resolved, at once: it stays. The last one ends it.
        await Task.WhenAll(Enumerable.Range(1, 19).Select(i => OutcomeAsync((i % 2 == 0 ? client : second).PostAlertsAsync(Alerts.Resolved($"alertname=Slow,service=shop,pod=p{i}")))));
        Assert.Null(Assert.Single(await IncidentsAsync(one)).EndedAt);
        Assert.Equal("0 0 1 0 0", await OutcomeAsync(client.PostAlertsAsync(Alerts.Resolved("alertname=Slow,service=shop,pod=p0"))));
        Assert.NotNull(Assert.Single(await IncidentsAsync(one)).EndedAt);
    }

    [Fact]
    public async Task Resolved_InOneMessageWithAnotherThatFires_DoesNotEnd()
    {
        Folder.WriteRules(Slow);
        var service = await StartAsync();
        using var client = Fixture.Responder(service, Tenant.Value);

        Assert.Equal("1 0 0 0 0", await OutcomeAsync(client.PostAlertsAsync(Alerts.Firing("alertname=Slow,service=shop,pod=a"), Alerts.Firing("alertname=Slow,service=shop,pod=b"))));
        Assert.Equal("0 0 0 1 0", await OutcomeAsync(client.PostAlertsAsync(Alerts.Resolved("alertname=Slow,service=shop,pod=a"), Alerts.Firing("alertname=Slow,service=shop,pod=b"))));
        Assert.Equal("0 0 1 0 0", await OutcomeAsync(client.PostAlertsAsync(Alerts.Resolved("alertname=Slow,service=shop,pod=a"), Alerts.Resolved("alertname=Slow,service=shop,pod=b"))));
    }

    [Fact]
    public async Task Firing_WithoutCorrelateBy_EachAlertIsItsOwnIncident()
    {
        Folder.WriteRules("{ name: slow, source: alertmanager, services_label: service }");
        var service = await StartAsync();
        using var client = Fixture.Responder(service, Tenant.Value);

        Assert.Equal("2 0 0 0 1", await OutcomeAsync(client.PostAlertsAsync(
            Alerts.Firing("alertname=Slow,service=shop"), Alerts.Firing("alertname=Slow,service=cart"), Alerts.Firing("alertname=Slow"))));
        Assert.Equal(2, (await IncidentsAsync(service)).Count);
    }

    [Fact]
    public async Task Firing_LaterInItsTime_Extends()
    {
        Folder.WriteRules("{ name: slow, source: alertmanager, services: [], ttl: 100s }");
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var service = await StartAsync(time);
        using var client = Fixture.Responder(service, Tenant.Value);
        Assert.Equal("1 0 0 0 0", await OutcomeAsync(client.PostAlertsAsync(Alerts.Firing("alertname=Slow"))));
        var first = Assert.Single(await IncidentsAsync(service));

        time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal("0 0 0 1 0", await OutcomeAsync(client.PostAlertsAsync(Alerts.Firing("alertname=Slow"))));
        time.Advance(TimeSpan.FromSeconds(50));
        Assert.Equal("0 1 0 0 0", await OutcomeAsync(client.PostAlertsAsync(Alerts.Firing("alertname=Slow"))));
        Assert.Equal(first.ActiveUntil.AddSeconds(55), Assert.Single(await IncidentsAsync(service)).ActiveUntil);
    }

    [Fact]
    public async Task Tenant_OfTokenRuleAndLabel_IsOneThatTheTokenIsGoodFor()
    {
        var other = IncidentServiceFixture.NewTenant();
        Folder.WriteRules(
            $"{{ name: stated, source: alertmanager, services: [], labels: {{ alertname: Stated }}, tenant: {other} }}",
            "{ name: labelled, source: alertmanager, services: [], labels: { alertname: Labelled }, tenant_label: tenant }",
            "{ name: plain, source: alertmanager, services: [], labels: { alertname: Plain } }");
        var service = await StartAsync();
        using var bound = Fixture.Responder(service, Tenant.Value);
        using var all = Fixture.Responder(service);

        // What is another tenant's is refused, and the rest of the message done all the same.
        var both = await bound.PostAlertsAsync(Alerts.Firing("alertname=Stated"), Alerts.Firing("alertname=Plain"));
        await ProblemAssert.IsAsync(HttpStatusCode.Forbidden, KnownProblems.TenantNotAllowed, both);
        await ProblemAssert.IsAsync(HttpStatusCode.Forbidden, KnownProblems.TenantNotAllowed, await bound.PostAlertsAsync(Alerts.Firing($"alertname=Labelled,tenant={other}")));
        Assert.Equal(Tenant, Assert.Single(await IncidentsAsync(service)).Tenant);

        Assert.Equal("1 0 0 0 0", await OutcomeAsync(all.PostAlertsAsync(Alerts.Firing("alertname=Stated"))));
        Assert.Equal("1 0 0 0 0", await OutcomeAsync(all.PostAlertsAsync(Alerts.Firing($"alertname=Labelled,tenant={other}"))));
        Assert.Equal("1 0 0 0 0", await OutcomeAsync(all.PostAlertsAsync(Alerts.Firing($"alertname=Labelled,tenant={Tenant}"))));
        Assert.Equal([Tenant, other, other, Tenant], (await IncidentsAsync(service)).Select(i => i.Tenant));
        await ProblemAssert.IsAsync(HttpStatusCode.BadRequest, KnownProblems.Validation, await all.PostAlertsAsync(Alerts.Firing("alertname=Plain")));
        await ProblemAssert.IsAsync(HttpStatusCode.BadRequest, KnownProblems.Validation, await all.PostAlertsAsync(Alerts.Firing("alertname=Labelled,tenant=UP")));
        Assert.Equal(4, (await IncidentsAsync(service)).Count);

        // Nor does a resolved one end another tenant's.
        await ProblemAssert.IsAsync(HttpStatusCode.Forbidden, KnownProblems.TenantNotAllowed, await bound.PostAlertsAsync(Alerts.Resolved("alertname=Stated")));
        Assert.All(await IncidentsAsync(service), i => Assert.Null(i.EndedAt));
    }

    [Fact]
    public async Task Caller_WithoutTokenOrScope_IsRefused()
    {
        Folder.WriteRules(Slow);
        var service = await StartAsync();
        using var stranger = service.Client();
        using var viewer = service.Client(Fixture.Issuer.Mint("vic", "*", [.. KnownScopes.Roles["viewer"]]));

        await ProblemAssert.IsAsync(HttpStatusCode.Unauthorized, KnownProblems.Unauthenticated, await stranger.PostAlertsAsync(Alerts.Firing("alertname=Slow,service=shop")));
        await ProblemAssert.IsAsync(HttpStatusCode.Forbidden, KnownProblems.ScopeMissing, await viewer.PostAlertsAsync(Alerts.Firing("alertname=Slow,service=shop")));
        Assert.Empty(await IncidentsAsync(service));
    }

    [Theory]
    [InlineData("version", "\"3\"", "version")]
    [InlineData("version", "null", "version")]
    [InlineData("version", "5", "body")]
    [InlineData("alerts", "[]", "alerts")]
    [InlineData("alerts", "null", "alerts")]
    [InlineData("alerts", "[null]", "alerts[0].status")]
    [InlineData("alerts[0].status", "\"burning\"", "alerts[0].status")]
    [InlineData("alerts[0].fingerprint", "\"\"", "alerts[0].fingerprint")]
    [InlineData("alerts[0].fingerprint", "\"../x\"", "alerts[0].fingerprint")]
    [InlineData("alerts[0].startsAt", "null", "alerts[0].startsAt")]
    [InlineData("alerts[0].labels", "{}", "alerts[0].labels")]
    [InlineData("alerts[0].labels", "{\"service\":\"a\\u0000b\"}", "alerts[0].labels")]
    [InlineData("alerts[0].labels", "{\"service\":\"a\\ud800b\"}", "body")]
    [InlineData("alerts[0].labels", "{\"service\":null}", "alerts[0].labels")]
    [InlineData("alerts[0].labels", "[1]", "body")]
    public async Task Message_Malformed_IsRefusedByField(string path, string value, string field)
    {
        Folder.WriteRules(Slow);
        var service = await StartAsync();
        using var client = Fixture.Responder(service, Tenant.Value);
        var message = Alerts.Message(Alerts.Firing("alertname=Slow,service=shop"));
        var marked = path.StartsWith("alerts[0].", StringComparison.Ordinal) ? message["alerts"]![0]!.AsObject() : message;
        marked[path.Split('.')[^1]] = "(here)";

        var response = await client.PostHookAsync(message.ToJsonString().Replace("\"(here)\"", value, StringComparison.Ordinal));

        var problem = await ProblemAssert.IsAsync(HttpStatusCode.BadRequest, KnownProblems.Validation, response);
        Assert.Contains(field, problem.GetProperty("errors").EnumerateObject().Select(p => p.Name));
        Assert.Empty(await IncidentsAsync(service));
    }

    [Fact]
    public async Task Body_TooLargeOrOfAnotherKind_IsRefused()
    {
        Folder.WriteRules(Slow);
        var service = await StartAsync();
        using var client = Fixture.Responder(service, Tenant.Value);
        var large = new string(' ', 1024 * 1024 + 1);

        await ProblemAssert.IsAsync(HttpStatusCode.RequestEntityTooLarge, KnownProblems.PayloadTooLarge, await client.PostHookAsync(large));
        using var chunked = new HttpRequestMessage(HttpMethod.Post, Alerts.Path) { Content = new StringContent(large, Encoding.UTF8, "application/json") };
        chunked.Headers.TransferEncodingChunked = true;
        await ProblemAssert.IsAsync(HttpStatusCode.RequestEntityTooLarge, KnownProblems.PayloadTooLarge, await client.SendAsync(chunked));
        await ProblemAssert.IsAsync(HttpStatusCode.BadRequest, KnownProblems.Validation, await client.PostHookAsync("{"));
        await ProblemAssert.IsAsync(HttpStatusCode.BadRequest, KnownProblems.Validation, await client.PostHookAsync("null"));
        await ProblemAssert.IsAsync(HttpStatusCode.BadRequest, KnownProblems.Validation, await client.PostHookAsync(new string('[', 1000)));
        await ProblemAssert.IsAsync(
            HttpStatusCode.BadRequest,
            KnownProblems.Validation,
            await client.PostAlertsAsync([.. Enumerable.Range(0, 1001).Select(i => Alerts.Firing($"alertname=Slow,service=s{i}"))]));
        using var text = new StringContent("{}", Encoding.UTF8, "text/plain");
        await ProblemAssert.IsAsync(HttpStatusCode.UnsupportedMediaType, KnownProblems.UnsupportedMediaType, await client.PostAsync(Alerts.Path, text));
        Assert.Empty(await IncidentsAsync(service));
    }

    [Fact]
    public async Task Label_ThatIsNoService_IsRefusedAndTheOthersAreDone()
    {
        Folder.WriteRules(Slow);
        var service = await StartAsync();
        using var client = Fixture.Responder(service, Tenant.Value);

        var response = await client.PostAlertsAsync(Alerts.Firing($"alertname=Slow,service={new string('x', 256)}"), Alerts.Firing("alertname=Slow,service=shop"));

        await ProblemAssert.IsAsync(HttpStatusCode.BadRequest, KnownProblems.Validation, response);
        Assert.Equal(["shop"], Assert.Single(await IncidentsAsync(service)).Services);
    }

    [Fact]
    public async Task Database_Fails_AnswersThatItBeSentAgain()
    {
        Folder.WriteRules("{ name: slow, source: alertmanager, services_label: service }");
        var service = await StartAsync();
        using var client = Fixture.Responder(service, Tenant.Value);
        await ExecuteAsync("ALTER TABLE incident.incidents ADD CONSTRAINT broken CHECK (NOT services @> ARRAY['cart'])");
        JsonObject[] Both() => [Alerts.Firing("alertname=Slow,service=cart"), Alerts.Firing("alertname=Slow,service=shop")];

        // A part of it fails: the rest is done, and all of it has to come again.
        await ProblemAssert.IsAsync(HttpStatusCode.ServiceUnavailable, KnownProblems.Unavailable, await client.PostAlertsAsync(Both()));
        Assert.Equal(["shop"], Assert.Single(await IncidentsAsync(service)).Services);

        await ExecuteAsync("ALTER TABLE incident.incidents DROP CONSTRAINT broken");
        Assert.Equal("1 0 0 1 0", await OutcomeAsync(client.PostAlertsAsync(Both())));
        Assert.Equal(2, (await IncidentsAsync(service)).Count);
    }

    [Fact]
    public async Task Metrics_CountWhatBecameOfDeliveries()
    {
        Folder.WriteRules(Slow);
        var service = await StartAsync();
        using var client = Fixture.Responder(service, Tenant.Value);
        await OutcomeAsync(client.PostAlertsAsync(Alerts.Firing("alertname=Slow,service=shop"), Alerts.Firing("alertname=Slow")));
        await OutcomeAsync(client.PostAlertsAsync(Alerts.Firing("alertname=Slow,service=shop", firing: 1)));
        await OutcomeAsync(client.PostAlertsAsync(Alerts.Resolved("alertname=Slow,service=shop", firing: 1)));
        using var refused = await client.PostHookAsync("{}");

        using var scraper = service.Client();
        var lines = (await scraper.GetStringAsync("/metrics")).Split('\n').Where(l => l.StartsWith("telemetry_hook_deliveries_total{", StringComparison.Ordinal));
        Assert.Equal(
            ["extended 1", "ignored 1", "opened 1", "refused 1", "resolved 1"],
            lines.Select(l => l.Split("outcome=\"")[1].Split('"')[0] + " " + l.Split("} ")[1].Split(' ')[0]).Order());
    }

    private static TimeSpan Days(TimeSpan time) => TimeSpan.FromDays(Math.Round(time.TotalDays));

    private async Task ExecuteAsync(string sql)
    {
        await using var command = Fixture.Database.DataSource.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
