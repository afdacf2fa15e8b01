using System.Globalization;
using System.Text.Json.Nodes;
using StellaOps.Telemetry.Contracts.Notifications;
using StellaOps.Telemetry.IncidentService.FunctionalTests.Notify.TestServices;
using StellaOps.Telemetry.Tests.Shared;
using StellaOps.Telemetry.Tests.Shared.Hosting;
using StellaOps.Telemetry.Tests.Shared.Processes;

namespace StellaOps.Telemetry.IncidentService.FunctionalTests.Notify;

/// <summary>The real Alertmanager, and what its own tool sees.</summary>
public sealed class AlertmanagerTests : NotifyTest
{
    [Fact]
    public async Task Incident_IsAnAlert_UntilItEnds()
    {
        var (program, amtool) = (ExternalTool.Require("alertmanager"), ExternalTool.Require("amtool"));
        var url = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{FreePort.Next()}");
        Folder.Write("alertmanager.yaml", $"route: {{ receiver: hook, group_by: [incident], group_wait: 0s, group_interval: 1s }}\nreceivers: [{{ name: hook, webhook_configs: [{{ url: '{Receiver.Url}/routed' }}] }}]");
        await using var process = SupervisedProcess.Start(
            "TERM",
            [program, $"--config.file={Folder.PathOf("alertmanager.yaml")}", $"--storage.path={Folder.PathOf("data")}", $"--web.listen-address={url["http://".Length..]}", "--cluster.listen-address="]);
        using var alerts = new HttpClient { BaseAddress = new Uri(url) };
        await Eventually.HoldsAsync(() => IsReadyAsync(alerts), NotifyClient.Patience, $"Alertmanager is ready. It wrote: {process.Output}");
        Folder.WriteTargets($"{{ name: alerts, retry: {{ first: 50ms }}, alertmanager: {{ url: '{url}', labels: {{ team: platform }} }} }}");
        var service = await StartServiceAsync();
        using var client = Fixture.Responder(service);

        var incident = await client.StartAsync(services: ["shop"]);
        Assert.Equal(NotificationState.Delivered, Assert.Single(await client.SettledAsync(incident, 1)).State);
        var alert = Assert.Single(await QueryAsync(amtool, url, incident.Id));
        Assert.Equal(
            $"StellaIncident {incident.Tenant} critical {incident.Id} platform",
            string.Join(' ', new[] { "alertname", "tenant", "severity", "incident", "team" }.Select(l => (string?)alert["labels"]![l])));
        Assert.Equal(Milliseconds(incident.StartedAt), Milliseconds((DateTimeOffset)alert["startsAt"]!));
        Assert.Equal(Milliseconds(incident.ExpiresAt), Milliseconds((DateTimeOffset)alert["endsAt"]!));
        Assert.Equal($"[critical] {incident.Tenant}: checkout fails (started)", (string?)alert["annotations"]!["summary"]);
        await Eventually.HoldsAsync(() => Routed("firing", incident.Id), NotifyClient.Patience, "Alertmanager routes it on");

        // Longer, so that it does not end before the incident does.
        var extended = await (await client.SendJsonAsync($"/api/v1/incidents/{incident.Id}/extend", new Contracts.Incidents.ExtendIncidentRequest(7200))).ReadAsync<Contracts.Incidents.IncidentResponse>();
        await client.SettledAsync(incident, 2);
        Assert.Equal(Milliseconds(extended.ExpiresAt), Milliseconds((DateTimeOffset)Assert.Single(await QueryAsync(amtool, url, incident.Id))["endsAt"]!));

        await client.StopAsync(incident.Id);
        await client.SettledAsync(incident, 3);
        await Eventually.HoldsAsync(async () => (await QueryAsync(amtool, url, incident.Id)).Count == 0, NotifyClient.Patience, "it is resolved");
        await Eventually.HoldsAsync(() => Routed("resolved", incident.Id), NotifyClient.Patience, "Alertmanager says so");
    }

    private bool Routed(string status, string incident) =>
        Receiver.Received.Any(r => r.Path == "/routed" && (string?)r.Json["status"] == status && (string?)r.Json["commonLabels"]!["incident"] == incident);

    private static async Task<IReadOnlyList<JsonObject>> QueryAsync(string amtool, string url, string incident)
    {
        var result = await ExternalTool.RunAsync(amtool, [$"--alertmanager.url={url}", "--output=json", "alert", "query", $"incident={incident}"]);
        Assert.True(result.ExitCode == 0, result.Error);
        return [.. JsonNode.Parse(result.Output)!.AsArray().Select(a => a!.AsObject())];
    }

    private static long Milliseconds(DateTimeOffset time) => time.ToUnixTimeMilliseconds();

    private static async Task<bool> IsReadyAsync(HttpClient client)
    {
        try
        {
            return (await client.GetAsync("/-/ready")).IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
