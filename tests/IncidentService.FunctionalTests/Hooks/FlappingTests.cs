using Microsoft.Extensions.Time.Testing;
using StellaOps.Telemetry.Contracts.Incidents;
using StellaOps.Telemetry.IncidentService.FunctionalTests.Hooks.TestServices;
using StellaOps.Telemetry.Tests.Shared.Processes;

namespace StellaOps.Telemetry.IncidentService.FunctionalTests.Hooks;

public sealed class FlappingTests : HookTest
{
    private const int Flaps = 20;

    private protected override bool NeedsRedis => true;

    [Fact]
    public async Task Alert_FlapsTwentyTimesWithinTheCooldown_IsOneIncidentWithAllOfThem()
    {
        Folder.WriteRules("{ name: slow, source: alertmanager, services_label: service, ttl: 1h, cooldown: 60s }");
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var service = await StartAsync(time);
        using var client = Fixture.Responder(service, Tenant.Value);
        for (var i = 0; i < Flaps; i++)
        {
            Assert.Equal(i == 0 ? "1 0 0 0 0" : "0 1 0 0 0", await OutcomeAsync(client.PostAlertsAsync(Alerts.Firing("alertname=Slow,service=shop", i))));
            Assert.Equal(IncidentState.Active, Assert.Single(await IncidentsAsync(service)).State);
            time.Advance(TimeSpan.FromSeconds(20));
            Assert.Equal("0 0 1 0 0", await OutcomeAsync(client.PostAlertsAsync(Alerts.Resolved("alertname=Slow,service=shop", i))));
            Assert.Equal(IncidentState.CoolingDown, Assert.Single(await IncidentsAsync(service)).State);
            time.Advance(TimeSpan.FromSeconds(30));
        }

        await Eventually.HoldsAsync(
            async () =>
            {
                time.Advance(TimeSpan.FromSeconds(1));
                return Assert.Single(await IncidentsAsync(service)).State == IncidentState.Closed;
            },
            TimeSpan.FromSeconds(30),
            "it closes when its cooldown is over");
        string[] expected = ["start", "activate", .. Enumerable.Range(1, Flaps - 1).SelectMany(_ => (string[])["resolve", "fire"]), "resolve", "close"];
        Assert.Equal(expected, Assert.Single(await IncidentsAsync(service)).Timeline.Select(e => e.Action));

        // After the cooldown it is another one.
        Assert.Equal("1 0 0 0 0", await OutcomeAsync(client.PostAlertsAsync(Alerts.Firing("alertname=Slow,service=shop", Flaps))));
        Assert.Equal(2, (await IncidentsAsync(service)).Count);
        await using var alerts = Fixture.Database.DataSource.CreateCommand("SELECT count(DISTINCT incident_id) FROM incident.hook_alerts");
        Assert.Equal(1L, await alerts.ExecuteScalarAsync());
    }
}
