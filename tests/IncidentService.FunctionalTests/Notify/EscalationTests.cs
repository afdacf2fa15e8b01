using System.Net;
using Microsoft.Extensions.Time.Testing;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Incidents;
using StellaOps.Telemetry.IncidentService.FunctionalTests.Notify.TestServices;
using StellaOps.Telemetry.Tests.Shared.Hosting;

namespace StellaOps.Telemetry.IncidentService.FunctionalTests.Notify;

/// <summary>Who is told when nobody reacts.</summary>
public sealed class EscalationTests : NotifyTest
{
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());

    [Fact]
    public async Task Silence_TellsTheNextOnce_AndTheNextOfThem()
    {
        var (service, client) = await StartAsync();
        await StartServiceAsync(_time);
        var incident = await client.StartAsync();
        await client.SettledAsync(incident, 1);

        _time.Advance(TimeSpan.FromSeconds(299));
        var quick = await client.StartAsync(severity: IncidentSeverity.Warning);
        await client.SettledAsync(quick, 1);
        Assert.Single(await client.NotificationsAsync($"incident={incident.Id}"));

        _time.Advance(TimeSpan.FromSeconds(2));
        var all = await client.SettledAsync(incident, 2);
        Assert.Equal([("mail", "started"), ("pager", "escalated")], all.Select(n => (n.Target, n.Event)));
        Assert.Equal($"{incident.Id}-escalate-mail", all[1].EventId);

        _time.Advance(TimeSpan.FromMinutes(10));
        all = await client.SettledAsync(incident, 3);
        Assert.Equal(("boss", $"{incident.Id}-escalate-pager"), (all[2].Target, all[2].EventId));

        // Below the severity that escalates, and nothing more for the other one, however late it gets.
        _time.Advance(TimeSpan.FromMinutes(20));
        await client.StopAsync(quick.Id);
        Assert.Equal(["mail", "mail"], (await client.SettledAsync(quick, 2)).Select(n => n.Target));
        Assert.Equal(["/mail", "/pager", "/boss"], Receiver.Received.Where(r => r.Body.Contains(incident.Id, StringComparison.Ordinal)).Select(r => r.Path));
        Assert.Equal(["start", "activate", "escalate", "escalate"], (await (await client.GetAsync($"/api/v1/incidents/{incident.Id}")).ReadAsync<IncidentResponse>()).Timeline.Select(e => e.Action));
    }

    [Fact]
    public async Task AcknowledgedOrStopped_IsNotEscalated()
    {
        var (service, client) = await StartAsync();
        var acknowledged = await client.StartAsync();
        var stopped = await client.StartAsync();
        var first = await client.AcknowledgeAsync(acknowledged.Id, "on it");
        var second = await client.AcknowledgeAsync(acknowledged.Id, "me too");
        await client.StopAsync(stopped.Id, now: false);
        Assert.Equivalent(first, second, strict: true);
        Assert.Equal(("rita", "acknowledge", "on it"), first.Timeline[^1] is var step ? (step.Actor, step.Action, step.Detail) : default);
        Assert.Equal(acknowledged.Version, first.Version);

        _time.Advance(TimeSpan.FromMinutes(6));

        // Another one that is escalated tells that both had their chance.
        var silent = await client.StartAsync();
        await client.SettledAsync(silent, 1);
        _time.Advance(TimeSpan.FromMinutes(6));
        await client.SettledAsync(silent, 2);
        Assert.Equal(["started", "acknowledged"], (await client.SettledAsync(acknowledged, 2)).Select(n => n.Event));
        Assert.DoesNotContain(await client.NotificationsAsync($"incident={stopped.Id}"), n => n.Target != "mail");
        await using var rows = Fixture.Database.DataSource.CreateCommand($"SELECT string_agg(actor || ' ' || action, ', ' ORDER BY sequence) FROM audit.entries WHERE target = '{acknowledged.Id}'");
        Assert.Equal("rita incident.start, system:incident-service incident.activate, rita incident.acknowledge", await rows.ExecuteScalarAsync());
    }

    [Fact]
    public async Task Acknowledge_OfWhatIsOver_IsAConflict()
    {
        var (_, client) = await StartAsync();
        var incident = await client.StartAsync();
        await client.StopAsync(incident.Id);

        await ProblemAssert.IsAsync(HttpStatusCode.Conflict, KnownProblems.Conflict, await client.PostAsync($"/api/v1/incidents/{incident.Id}/acknowledge", null));
        await ProblemAssert.IsAsync(HttpStatusCode.NotFound, KnownProblems.NotFound, await client.PostAsync("/api/v1/incidents/inc-none/acknowledge", null));
        var tooLong = await client.SendJsonAsync($"/api/v1/incidents/{incident.Id}/acknowledge", new AcknowledgeIncidentRequest(new string('x', 501)));
        await ProblemAssert.IsAsync(HttpStatusCode.BadRequest, KnownProblems.Validation, tooLong);
    }

    private async Task<(RunningService Service, HttpClient Client)> StartAsync()
    {
        Folder.WriteTargets(
            NotifyFolder.Hook("mail", $"{Receiver.Url}/mail", ", escalate: { after: 5m, minimum_severity: critical, to: [pager] }"),
            NotifyFolder.Hook("pager", $"{Receiver.Url}/pager", ", events: [], escalate: { after: 10m, to: [boss] }"),
            NotifyFolder.Hook("boss", $"{Receiver.Url}/boss", ", events: []"));
        var service = await StartServiceAsync(_time);
        return (service, Fixture.Responder(service));
    }
}
