using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Incidents;
using StellaOps.Telemetry.Contracts.Notifications;
using StellaOps.Telemetry.IncidentService.FunctionalTests.Notify.TestServices;
using StellaOps.Telemetry.Tests.Shared.Hosting;

namespace StellaOps.Telemetry.IncidentService.FunctionalTests.Notify;

/// <summary>CloudEvents, their order, and their signature.</summary>
public sealed class WebhookTests : NotifyTest
{
    [Fact]
    public async Task EachChange_ArrivesOnceInOrder_AsCloudEvent()
    {
        Folder.WriteTargets(NotifyFolder.Hook("hook", Receiver.Url));
        var service = await StartServiceAsync();
        using var client = Fixture.Responder(service);

        var started = await client.StartAsync(services: ["shop", "cart"]);
        await client.SendJsonAsync($"/api/v1/incidents/{started.Id}/extend", new ExtendIncidentRequest(7200, "not yet"));
        await client.AcknowledgeAsync(started.Id, "looking");
        await client.StopAsync(started.Id, now: false);
        await client.StopAsync(started.Id);
        var all = await client.SettledAsync(started, 5);

        string[] names = ["started", "extended", "acknowledged", "cooling-down", "closed"];
        string[] ids = [$"{started.Id}-1-start", $"{started.Id}-3-extend", $"{started.Id}-3-acknowledge", $"{started.Id}-4-stop", $"{started.Id}-6-close"];
        Assert.Equal(names, all.Select(n => n.Event));
        Assert.All(all, n => Assert.Equal((NotificationState.Delivered, 1, "hook", "webhook"), (n.State, n.Attempts, n.Target, n.Kind)));
        Assert.Equal(ids, Receiver.All("webhook-id"));
        Assert.All(Receiver.Received, r => Assert.Equal("application/cloudevents+json; charset=utf-8", r.Headers["Content-Type"]));
        var events = Receiver.Received.Select(r => JsonSerializer.Deserialize(r.Body, ContractsJson.Default.NotificationEvent)!).ToList();
        Assert.Equal(names.Select(n => $"org.stella-ops.telemetry.incident.{n}.v1"), events.Select(e => e.Type));
        Assert.Equal(ids, events.Select(e => e.Id));
        Assert.Equal([1L, 3L, 3L, 4L, 6L], events.Select(e => e.Data.Version));
        Assert.Equal([IncidentState.Requested, IncidentState.Active, IncidentState.Active, IncidentState.CoolingDown, IncidentState.Closed], events.Select(e => e.Data.State));
        Assert.Equal(["start", "extend", "acknowledge", "stop", "close"], events.Select(e => Assert.Single(e.Data.Timeline).Action));
        Assert.Equivalent(
            new NotificationEvent("1.0", ids[0], "urn:stella-ops:telemetry:incident-service", events[0].Type, started.Id, started.StartedAt, "application/json", started with { State = IncidentState.Requested, Version = 1, Timeline = [started.Timeline[0]] }),
            events[0],
            strict: true);
    }

    [Fact]
    public async Task Signature_OfEveryKey_IsGoodForTwoVerifiersThatAreNotOurs()
    {
        var second = $"whsec_{Convert.ToBase64String(RandomNumberGenerator.GetBytes(24))}";
        Folder.Write("second", second);
        Folder.WriteTargets($"{{ name: hook, webhook: {{ url: '{Receiver.Url}/in', secret_files: [secret, second] }} }}");
        var service = await StartServiceAsync();
        using var client = Fixture.Responder(service);

        await client.SettledAsync(await client.StartAsync(reason: "Grüße, \"5xx\" <&>"), 1);

        var post = Assert.Single(Receiver.Received);
        Assert.Equal(2, post.Headers["webhook-signature"].Split(' ').Length);
        var now = TimeProvider.System.GetUtcNow();
        foreach (var (index, secret) in new[] { Folder.Secret, second }.Index())
        {
            Assert.True(WebhookVerifier.IsGood(post, secret, now));
            Assert.False(WebhookVerifier.IsGood(post, secret, now + TimeSpan.FromMinutes(6)), "replayed after the window");
            Assert.False(WebhookVerifier.IsGood(post with { Body = post.Body.Replace("5xx", "4xx", StringComparison.Ordinal) }, secret, now), "changed");

            // This library overlooks the last one of several signatures, so it is shown one at a time.
            var headers = new HeaderDictionary { ["webhook-id"] = post.Headers["webhook-id"], ["webhook-timestamp"] = post.Headers["webhook-timestamp"] };
            headers["webhook-signature"] = post.Headers["webhook-signature"].Split(' ')[index];
            new StandardWebhooks.StandardWebhook(secret).Verify(post.Body, headers);
        }
    }

    [Fact]
    public async Task Secret_ChangedWhileRunning_SignsTheNext()
    {
        Folder.WriteTargets(NotifyFolder.Hook("hook", Receiver.Url));
        var service = await StartServiceAsync();
        using var client = Fixture.Responder(service);
        var incident = await client.StartAsync();
        await client.SettledAsync(incident, 1);

        var next = $"whsec_{Convert.ToBase64String(RandomNumberGenerator.GetBytes(64))}";
        Folder.Write("secret", next);
        await client.StopAsync(incident.Id);
        await client.SettledAsync(incident, 2);

        var now = TimeProvider.System.GetUtcNow();
        Assert.Equal([true, false], Receiver.Received.Select(r => WebhookVerifier.IsGood(r, Folder.Secret, now)));
        Assert.Equal([false, true], Receiver.Received.Select(r => WebhookVerifier.IsGood(r, next, now)));
    }

    [Fact]
    public async Task Filters_TenantSeverityAndEvent_ChooseTargets()
    {
        var tenant = IncidentServiceFixture.NewTenant();
        Folder.WriteTargets(
            NotifyFolder.Hook("all", $"{Receiver.Url}/all"),
            NotifyFolder.Hook("tenant", $"{Receiver.Url}/tenant", $", tenants: [{tenant}]"),
            NotifyFolder.Hook("critical", $"{Receiver.Url}/critical", ", minimum_severity: critical"),
            NotifyFolder.Hook("ends", $"{Receiver.Url}/ends", ", events: [closed, expired]"));
        var service = await StartServiceAsync();
        using var client = Fixture.Responder(service);

        var one = await client.StartAsync(tenant, IncidentSeverity.Warning);
        var other = await client.StartAsync(severity: IncidentSeverity.Critical);
        await client.StopAsync(other.Id);

        Assert.Equal(["all", "tenant"], (await client.SettledAsync(one, 2)).Select(n => n.Target).Order());
        Assert.Equal(
            ["all started", "critical started", "all closed", "critical closed", "ends closed"],
            (await client.SettledAsync(other, 5)).OrderBy(n => n.EventId, StringComparer.Ordinal).ThenBy(n => n.Target, StringComparer.Ordinal).Select(n => $"{n.Target} {n.Event}"));
    }
}
