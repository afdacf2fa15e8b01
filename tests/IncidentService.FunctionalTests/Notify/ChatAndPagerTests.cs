using System.Text.Json.Nodes;
using StellaOps.Telemetry.Contracts.Notifications;
using StellaOps.Telemetry.IncidentService.FunctionalTests.Notify.TestServices;

namespace StellaOps.Telemetry.IncidentService.FunctionalTests.Notify;

/// <summary>The JSON that Slack and PagerDuty document.</summary>
public sealed class ChatAndPagerTests : NotifyTest
{
    private const string Key = "R0UT1NGKEYR0UT1NGKEYR0UT1NGKEY12";

    [Fact]
    public async Task Slack_GetsTextAndBlocks_WithNothingThatItWouldTakeForAMention()
    {
        Receiver.Answer = (http, _) => HookReceiver.StatusAsync(http, 200, "ok");
        Folder.Write("slack", $"{Receiver.Url}/services/T000/B000/XXXX");
        Folder.WriteTargets("{ name: chat, title: '${severity}: ${reason}', text: 'Costs $$5 in ${tenant}: ${services}', events: [started], slack: { url_file: slack } }");
        var service = await StartServiceAsync();
        using var client = Fixture.Responder(service);

        var incident = await client.StartAsync(reason: "<!channel> & co ${tenant}", services: ["shop", "cart"]);
        await client.SettledAsync(incident, 1);

        var post = Assert.Single(Receiver.Received);
        Assert.Equal(("/services/T000/B000/XXXX", "application/json; charset=utf-8"), (post.Path, post.Headers["Content-Type"]));
        var expected = new JsonObject
        {
            ["text"] = "critical: &lt;!channel&gt; &amp; co ${tenant}",
            ["blocks"] = new JsonArray(
                new JsonObject { ["type"] = "header", ["text"] = Text("plain_text", "critical: <!channel> & co ${tenant}") },
                new JsonObject { ["type"] = "section", ["text"] = Text("mrkdwn", $"Costs $5 in {incident.Tenant}: cart, shop") },
                new JsonObject
                {
                    ["type"] = "section",
                    ["fields"] = new JsonArray(
                        Text("mrkdwn", $"*Tenant*\n{incident.Tenant}"),
                        Text("mrkdwn", "*Severity*\ncritical"),
                        Text("mrkdwn", "*State*\nrequested"),
                        Text("mrkdwn", $"*Expires*\n{incident.ExpiresAt:yyyy-MM-ddTHH:mm:ssZ}")),
                },
                new JsonObject { ["type"] = "context", ["elements"] = new JsonArray(Text("plain_text", $"{incident.Id}-1-start")) }),
        };
        Assert.True(JsonNode.DeepEquals(expected, post.Json), post.Body);
    }

    [Fact]
    public async Task Slack_RefusesTheUrl_TheReasonDoesNotShowIt()
    {
        Receiver.Answer = (http, _) => HookReceiver.StatusAsync(http, 404, $"no_service at {http.Request.Path}");
        Folder.Write("slack", $"{Receiver.Url}/services/T000/B000/XXXX");
        Folder.WriteTargets("{ name: chat, slack: { url_file: slack } }");
        var service = await StartServiceAsync();
        using var client = Fixture.Responder(service);

        Assert.Equal("answered 404: no_service at ***", Assert.Single(await client.SettledAsync(await client.StartAsync(), 1)).Reason);
    }

    [Fact]
    public async Task PagerDuty_TriggersAcknowledgesAndResolvesOneAlert()
    {
        Receiver.Answer = (http, _) => HookReceiver.StatusAsync(http, 202, """{"status":"success","message":"Event processed","dedup_key":"x"}""");
        var service = await StartServiceWithPagerAsync();
        using var client = Fixture.Responder(service);

        var incident = await client.StartAsync(services: ["shop"]);
        await client.AcknowledgeAsync(incident.Id);
        await client.StopAsync(incident.Id, now: false);
        await client.StopAsync(incident.Id);
        await client.SettledAsync(incident, 3);

        var posts = Receiver.Received.Select(r => r.Json).ToList();
        Assert.Equal(["trigger", "acknowledge", "resolve"], posts.Select(p => (string?)p["event_action"]));
        Assert.All(posts, p => Assert.Equal((Key, incident.Id), ((string?)p["routing_key"], (string?)p["dedup_key"])));
        Assert.All(posts.Skip(1), p => Assert.Null(p["payload"]));
        var payload = posts[0]["payload"]!.AsObject();
        Assert.Equal($"[critical] {incident.Tenant}: checkout fails (started)", (string?)payload["summary"]);
        Assert.Equal(
            ("urn:stella-ops:telemetry:incident-service", "critical", "shop", incident.Tenant.Value),
            ((string?)payload["source"], (string?)payload["severity"], (string?)payload["component"], (string?)payload["group"]));
        Assert.Equal(incident.StartedAt, (DateTimeOffset)payload["timestamp"]!);
        Assert.Equal(incident.Id, (string?)payload["custom_details"]!["incident"]);
        Assert.All(Receiver.Received, r => Assert.Equal("application/json; charset=utf-8", r.Headers["Content-Type"]));
    }

    [Fact]
    public async Task PagerDuty_SomebodyElseSaysYes_IsNotBelieved()
    {
        Receiver.Answer = (http, number) => number == 1 ? HookReceiver.StatusAsync(http, 200, "<html>welcome to the hotel</html>") : HookReceiver.StatusAsync(http, 202);
        var service = await StartServiceWithPagerAsync();
        using var client = Fixture.Responder(service);

        Assert.Equal((NotificationState.Delivered, 2), Assert.Single(await client.SettledAsync(await client.StartAsync(), 1)) is var one ? (one.State, one.Attempts) : default);
    }

    [Fact]
    public async Task PagerDuty_RefusesTheKey_TheReasonDoesNotShowIt()
    {
        Receiver.Answer = (http, _) => HookReceiver.StatusAsync(http, 400, $$"""{"status":"invalid event","errors":["routing_key {{Key}} is unknown"]}""");
        var service = await StartServiceWithPagerAsync();
        using var client = Fixture.Responder(service);

        Assert.Equal(
            """answered 400: {"status":"invalid event","errors":["routing_key *** is unknown"]}""", Assert.Single(await client.SettledAsync(await client.StartAsync(), 1)).Reason);
    }

    private Task<Tests.Shared.Hosting.RunningService> StartServiceWithPagerAsync()
    {
        Folder.Write("key", Key);
        Folder.WriteTargets($"{{ name: pager, retry: {{ first: 50ms }}, pagerduty: {{ url: '{Receiver.Url}/v2/enqueue', routing_key_file: key }} }}");
        return StartServiceAsync();
    }

    private static JsonObject Text(string type, string text) => new() { ["type"] = type, ["text"] = text };
}
