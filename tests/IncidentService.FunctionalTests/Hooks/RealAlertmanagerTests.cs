using System.Globalization;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Incidents;
using StellaOps.Telemetry.IncidentService.FunctionalTests.Hooks.TestServices;
using StellaOps.Telemetry.Tests.Shared.Hosting;
using StellaOps.Telemetry.Tests.Shared.Processes;

namespace StellaOps.Telemetry.IncidentService.FunctionalTests.Hooks;

/// <summary>The real Alertmanager with the configuration that docs/hooks.md shows.</summary>
public sealed class RealAlertmanagerTests : HookTest
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private protected override bool NeedsRedis => true;

    [Fact]
    public async Task Alert_PushedThenResolved_OpensCoolsDownAndCloses()
    {
        Folder.WriteRules("{ name: slow, source: alertmanager, labels: { severity: critical }, services_label: service, correlate_by: [service], cooldown: 2s }");
        var service = await StartAsync();
        WriteConfiguration(service, "resolve_timeout: 1h");
        await using var alertmanager = await AlertmanagerProcess.StartAsync(Folder);

        await alertmanager.AddAsync("alertname=Slow", "service=shop", "severity=critical", "--annotation=summary=p99 is 3s");
        await alertmanager.AddAsync("alertname=Quiet", "service=shop", "severity=info");
        await UntilAsync(service, alertmanager, i => i?.State == IncidentState.Active, "it is active");
        var incident = Assert.Single(await IncidentsAsync(service));
        Assert.Equal(("Slow: p99 is 3s", "alert:slow", Tenant), (incident.Reason, incident.OpenedBy, incident.Tenant));
        Assert.Equal(["shop"], incident.Services);

        var now = TimeProvider.System.GetUtcNow();
        await alertmanager.AddAsync("alertname=Slow", "service=shop", "severity=critical", $"--end={now.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture)}");
        await UntilAsync(service, alertmanager, i => i?.State is IncidentState.CoolingDown or IncidentState.Closed, "it cools down");
        await UntilAsync(service, alertmanager, i => i?.State == IncidentState.Closed, "it closes");
        Assert.Equal(["start", "activate", "resolve", "close"], Assert.Single(await IncidentsAsync(service)).Timeline.Select(e => e.Action));
    }

    [Fact]
    public async Task Alert_ThatNobodyRepeats_ExpiresAndEndsTheIncident()
    {
        Folder.WriteRules("{ name: slow, source: alertmanager, services_label: service, correlate_by: [service], cooldown: 0s }");
        var service = await StartAsync();
        WriteConfiguration(service, "resolve_timeout: 2s");
        await using var alertmanager = await AlertmanagerProcess.StartAsync(Folder);

        await alertmanager.AddAsync("alertname=Slow", "service=shop");
        await UntilAsync(service, alertmanager, i => i?.State == IncidentState.Closed, "it closes");
        Assert.Equal(["start", "activate", "resolve", "close"], Assert.Single(await IncidentsAsync(service)).Timeline.Select(e => e.Action));
    }

    [Fact]
    public async Task Hook_AnswersLate_AlertmanagerTriesAgain()
    {
        Folder.WriteRules("{ name: slow, source: alertmanager, services_label: service }");
        var service = await StartAsync();
        await using (var broken = Fixture.Database.DataSource.CreateCommand("ALTER TABLE incident.incidents ADD CONSTRAINT broken CHECK (id = '')"))
        {
            await broken.ExecuteNonQueryAsync();
        }

        WriteConfiguration(service, "resolve_timeout: 1h");
        await using var alertmanager = await AlertmanagerProcess.StartAsync(Folder);
        await alertmanager.AddAsync("alertname=Slow", "service=shop");
        using var scraper = service.Client();
        await Eventually.HoldsAsync(
            async () => (await scraper.GetStringAsync("/metrics")).Contains("outcome=\"failed\"", StringComparison.Ordinal), s_patience, "a delivery failed");
        await using (var mended = Fixture.Database.DataSource.CreateCommand("ALTER TABLE incident.incidents DROP CONSTRAINT broken"))
        {
            await mended.ExecuteNonQueryAsync();
        }

        await UntilAsync(service, alertmanager, i => i?.State == IncidentState.Active, "it was sent again");
    }

    /// <summary>The snippet of the documentation, quicker, for this service.</summary>
    private void WriteConfiguration(RunningService service, string global)
    {
        Folder.Write("token", Fixture.Issuer.Mint("alertmanager", Tenant.Value, KnownScopes.IncidentsWrite));
        var document = File.ReadAllText(Path.Combine(Repository.Root, "docs", "hooks.md"));
        var snippet = document.Split("```yaml\n# alertmanager.yml\n")[1].Split("```")[0];
        (string Shown, string Here)[] changes =
        [
            ("http://127.0.0.1:4321/", service.Url.AbsoluteUri),
            ("/etc/alertmanager/stella.token", Folder.PathOf("token")),
            ("group_wait: 10s", "group_wait: 100ms"),
            ("group_interval: 1m", "group_interval: 1s"),
        ];
        foreach (var (shown, here) in changes)
        {
            Assert.Contains(shown, snippet, StringComparison.Ordinal);
            snippet = snippet.Replace(shown, here, StringComparison.Ordinal);
        }

        Folder.Write("alertmanager.yml", $"global: {{ {global} }}\n{snippet}");
    }

    private Task UntilAsync(RunningService service, AlertmanagerProcess alertmanager, Func<IncidentResponse?, bool> holds, string what) => Eventually.HoldsAsync(
        async () => holds((await IncidentsAsync(service)).SingleOrDefault()), s_patience, $"{what}; alertmanager says {alertmanager.Output}");
}
