using System.Net;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Audit;
using StellaOps.Telemetry.Contracts.Notifications;
using StellaOps.Telemetry.IncidentService.FunctionalTests.Notify.TestServices;
using StellaOps.Telemetry.Tests.Shared.Hosting;
using StellaOps.Telemetry.Tests.Shared.Processes;

namespace StellaOps.Telemetry.IncidentService.FunctionalTests.Notify;

/// <summary>What was given up: seen, kept without secrets, sent again.</summary>
public sealed class DeadLetterTests : NotifyTest
{
    private const string Authorization = "Bearer very-secret-token";

    [Fact]
    public async Task Refused_SaysWhyWithoutSecrets_AndIsSentAgainOnce()
    {
        var status = 403;
        Receiver.Answer = (http, _) => HookReceiver.StatusAsync(http, status, $"no:\r\n{http.Request.Headers.Authorization} is not \u001b[31mgood");
        Folder.Write("authorization", Authorization);
        Folder.WriteTargets(NotifyFolder.Hook("hook", Receiver.Url, hook: ", authorization_file: authorization"));
        var service = await StartServiceAsync();
        using var client = Fixture.Responder(service);

        var incident = await client.StartAsync();
        var dead = Assert.Single(await client.SettledAsync(incident, 1));
        Assert.Equal((NotificationState.Dead, 1, "answered 403: no:  *** is not  [31mgood"), (dead.State, dead.Attempts, dead.Reason));
        Assert.Equal(Authorization, Receiver.Received.Single().Headers["Authorization"]);
        var letters = await (await client.GetAsync($"/api/v1/notifications/dead-letters?incident={incident.Id}")).ReadAsync<Page<NotificationResponse>>();
        Assert.Equal([dead.Id], letters.Items.Select(l => l.Id));

        status = 204;
        Assert.Equal(NotificationState.Pending, (await ResendAsync(client, dead.Id)).State);
        Assert.Equal(NotificationState.Delivered, Assert.Single(await client.SettledAsync(incident, 1)).State);
        Assert.Equal(NotificationState.Delivered, (await ResendAsync(client, dead.Id)).State);
        Assert.Equal(2, Receiver.Received.Count);
        Assert.Single(Receiver.All("webhook-id").Distinct());
        await using var rows = Fixture.Database.DataSource.CreateCommand($"SELECT string_agg(actor || ' ' || action, ', ' ORDER BY sequence) FROM audit.entries WHERE target = '{incident.Id}'");
        Assert.Equal("rita incident.start, system:incident-service incident.activate, rita notification.resend", await rows.ExecuteScalarAsync());
    }

    [Fact]
    public async Task AnotherTenant_SeesAndResendsNothing()
    {
        Receiver.Answer = (http, _) => HookReceiver.StatusAsync(http, 400);
        Folder.WriteTargets(NotifyFolder.Hook("hook", Receiver.Url));
        var service = await StartServiceAsync();
        using var client = Fixture.Responder(service);
        var incident = await client.StartAsync();
        var dead = Assert.Single(await client.SettledAsync(incident, 1));
        using var stranger = Fixture.Responder(service, IncidentServiceFixture.NewTenant().Value);

        Assert.Empty(await stranger.NotificationsAsync($"incident={incident.Id}"));
        await ProblemAssert.IsAsync(HttpStatusCode.NotFound, KnownProblems.NotFound, await stranger.GetAsync($"/api/v1/notifications/{dead.Id}"));
        await ProblemAssert.IsAsync(HttpStatusCode.NotFound, KnownProblems.NotFound, await stranger.PostAsync($"/api/v1/notifications/{dead.Id}/resend", null));
        await ProblemAssert.IsAsync(HttpStatusCode.NotFound, KnownProblems.NotFound, await stranger.PostAsync($"/api/v1/incidents/{incident.Id}/acknowledge", null));
        await ProblemAssert.IsAsync(HttpStatusCode.Forbidden, KnownProblems.TenantNotAllowed, await stranger.GetAsync($"/api/v1/notifications?tenant={incident.Tenant}"));
        using var viewer = service.Client(Fixture.Issuer.Mint("vic", "*", [.. KnownScopes.Roles["viewer"]]));
        Assert.Single(await viewer.NotificationsAsync($"incident={incident.Id}"));
        await ProblemAssert.IsAsync(HttpStatusCode.Forbidden, KnownProblems.ScopeMissing, await viewer.PostAsync($"/api/v1/notifications/{dead.Id}/resend", null));
        await ProblemAssert.IsAsync(HttpStatusCode.Forbidden, KnownProblems.ScopeMissing, await viewer.PostAsync($"/api/v1/incidents/{incident.Id}/acknowledge", null));
    }

    [Fact]
    public async Task List_FiltersAndPages_NewestFirst()
    {
        Folder.WriteTargets(NotifyFolder.Hook("one", Receiver.Url), NotifyFolder.Hook("two", Receiver.Url));
        var service = await StartServiceAsync();
        using var client = Fixture.Responder(service);
        var incident = await client.StartAsync();
        await client.StopAsync(incident.Id);
        var all = await client.SettledAsync(incident, 4);

        var first = await (await client.GetAsync($"/api/v1/notifications?incident={incident.Id}&limit=3")).ReadAsync<Page<NotificationResponse>>();
        var second = await (await client.GetAsync($"/api/v1/notifications?incident={incident.Id}&limit=3&cursor={first.NextCursor}")).ReadAsync<Page<NotificationResponse>>();
        Assert.Equal(all.Reverse().Select(n => n.Id), first.Items.Concat(second.Items).Select(n => n.Id));
        Assert.Null(second.NextCursor);
        Assert.Equal(2, (await client.NotificationsAsync($"incident={incident.Id}&target=two")).Count);
        Assert.Empty(await client.NotificationsAsync($"incident={incident.Id}&state=dead"));
        Assert.Equal(4, (await client.NotificationsAsync($"tenant={incident.Tenant}&state=delivered")).Count);
        foreach (var (query, field) in new[] { ("state=lost", "state"), ("cursor=x", "cursor"), ("limit=0", "limit") })
        {
            var problem = await ProblemAssert.IsAsync(HttpStatusCode.BadRequest, KnownProblems.Validation, await client.GetAsync($"/api/v1/notifications?{query}"));
            Assert.Equal([field], problem.GetProperty("errors").EnumerateObject().Select(p => p.Name));
        }
    }

    [Fact]
    public async Task Metrics_CountAttemptsAndDeadLettersByKind()
    {
        Receiver.Answer = (http, number) => HookReceiver.StatusAsync(http, number switch { 1 => 500, 2 => 200, _ => 400 });
        Folder.WriteTargets(NotifyFolder.Hook("hook", Receiver.Url));
        var service = await StartServiceAsync();
        using var client = Fixture.Responder(service);
        var incident = await client.StartAsync();
        await client.StopAsync(incident.Id);
        await client.SettledAsync(incident, 2);

        using var anyone = service.Client();
        const string Scope = "otel_scope_name=\"StellaOps.Telemetry.IncidentService.Notify\"";
        string[] expected =
        [
            $"telemetry_notify_deliveries_total{{{Scope},kind=\"webhook\",outcome=\"delivered\"}} 1",
            $"telemetry_notify_deliveries_total{{{Scope},kind=\"webhook\",outcome=\"retry\"}} 1",
            $"telemetry_notify_deliveries_total{{{Scope},kind=\"webhook\",outcome=\"dead\"}} 1",
            $"telemetry_notify_dead_letters_total{{{Scope},kind=\"webhook\"}} 1",
            $"telemetry_notify_oldest_pending_seconds{{{Scope}}} 0",
        ];
        var scrape = "";
        await Eventually.HoldsAsync(
            async () =>
            {
                scrape = await anyone.GetStringAsync("/metrics");
                return expected.All(e => scrape.Contains(e, StringComparison.Ordinal));
            },
            NotifyClient.Patience,
            "the metrics say so");
    }

    private static async Task<NotificationResponse> ResendAsync(HttpClient client, long id) =>
        await (await client.PostAsync($"/api/v1/notifications/{id}/resend", null)).ReadAsync<NotificationResponse>();
}
