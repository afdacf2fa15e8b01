using Microsoft.Extensions.Time.Testing;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Incidents;
using StellaOps.Telemetry.IncidentService.FunctionalTests.Hooks;
using StellaOps.Telemetry.IncidentService.FunctionalTests.Hooks.TestServices;
using StellaOps.Telemetry.IncidentService.FunctionalTests.Notify.TestServices;
using StellaOps.Telemetry.Tests.Shared.Hosting;
using StellaOps.Telemetry.Tests.Shared.Processes;

namespace StellaOps.Telemetry.IncidentService.FunctionalTests.Site;

/// <summary>What incidents begin with: the request's word, the rule's, the site's profile's, and what is built in, in this order.</summary>
public sealed class SiteTermsTests : HookTest
{
    private const string Terms = "{ sampling_rate: 0.25, lookback: 40m, cooldown: 7m, ceiling: 2h }";
    private const int Week = 7 * 24 * 3600;

    [Fact]
    public async Task Start_WhatNobodyAskedFor_IsTheProfiles()
    {
        WriteProfile(Terms);
        Folder.WriteRules("{ name: slow, source: alertmanager, services_label: service, cooldown: 30s }");
        var service = await StartSiteAsync();
        using var client = Fixture.Responder(service, Tenant.Value);

        var plain = await OpenAsync(client, new StartIncidentRequest(Tenant, null, "r"));
        Assert.Equal((0.25, 0.25, 420, 2400), (plain.SamplingRate, plain.EffectiveSamplingRate, plain.CooldownSeconds, plain.LookbackSeconds));
        Assert.Equal(plain.StartedAt.AddHours(1), plain.ActiveUntil);
        Assert.DoesNotContain(plain.Timeline, e => e.Action == "limit");

        var asked = await OpenAsync(client, new StartIncidentRequest(Tenant, null, "r", SamplingRate: 0.5, CooldownSeconds: 0, LookbackSeconds: 60));
        Assert.Equal((0.5, 0, 60), (asked.SamplingRate, asked.CooldownSeconds, asked.LookbackSeconds));

        using var posted = await client.PostAlertsAsync(Alerts.Firing("alertname=Slow,service=shop"));
        var byRule = (await IncidentsAsync(service)).Single(i => i.Origin.Kind == IncidentOriginKind.Alert);
        Assert.Equal((0.25, 30, 2400), (byRule.SamplingRate, byRule.CooldownSeconds, byRule.LookbackSeconds));
    }

    [Fact]
    public async Task Profile_Changed_IsTakenForTheNextOne_AndStaysWhenTheChangeIsBad()
    {
        WriteProfile(Terms);
        var service = await StartSiteAsync();
        using var client = Fixture.Responder(service, Tenant.Value);
        var request = new StartIncidentRequest(Tenant, null, "r");
        var first = await OpenAsync(client, request, "key");

        WriteProfile("{ cooldown: 9m }");
        await Eventually.HoldsAsync(async () => (await OpenAsync(client, request)).CooldownSeconds == 540, NotifyClient.Patience, "the change is taken");
        Assert.Equal((1, 900), (await OpenAsync(client, request)) is var next ? (next.SamplingRate, next.LookbackSeconds) : default);

        // The same request again is the same incident, whatever the profile says by now.
        Assert.Equivalent(first, await OpenAsync(client, request, "key"), strict: true);

        WriteProfile("{ cooldown: 25h }");
        await Task.Delay(TimeSpan.FromSeconds(2));
        Assert.Equal(540, (await OpenAsync(client, request)).CooldownSeconds);
    }

    [Fact]
    public async Task Ceiling_BoundsHowLongAnyoneKeepsOneRaised_AndAnExtensionBeginsItAnew()
    {
        WriteProfile(Terms);
        Folder.WriteRules("{ name: slow, source: alertmanager, services_label: service, ttl: 1d }");
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var service = await StartSiteAsync(time);
        using var client = Fixture.Responder(service, Tenant.Value);

        var incident = await OpenAsync(client, new StartIncidentRequest(Tenant, null, "r", TtlSeconds: Week));
        Assert.Equal((incident.StartedAt.AddMinutes(113), incident.StartedAt.AddHours(2), 420), (incident.ActiveUntil, incident.ExpiresAt, incident.CooldownSeconds));
        Assert.Equal("the site's profile lets no incident stay raised for longer than 2h without being extended", incident.Timeline.Single(e => e.Action == "limit").Detail);
        var cooling = await OpenAsync(client, new StartIncidentRequest(Tenant, null, "r", TtlSeconds: 600, CooldownSeconds: 24 * 3600));
        Assert.Equal((cooling.StartedAt.AddSeconds(1), cooling.StartedAt.AddHours(2)), (cooling.ActiveUntil, cooling.ExpiresAt));

        time.Advance(TimeSpan.FromMinutes(30));
        var extended = await (await client.SendJsonAsync($"/api/v1/incidents/{incident.Id}/extend", new ExtendIncidentRequest(Week))).ReadAsync<IncidentResponse>();
        Assert.Equal(incident.ExpiresAt.AddMinutes(30), extended.ExpiresAt);

        // A rule that asks for more opens it all the same, and an alert that is told again at once changes nothing.
        Assert.Equal("1 0 0 0 0", await OutcomeAsync(client.PostAlertsAsync(Alerts.Firing("alertname=Slow,service=shop"))));
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("0 0 0 1 0", await OutcomeAsync(client.PostAlertsAsync(Alerts.Firing("alertname=Slow,service=shop"))));
        time.Advance(TimeSpan.FromMinutes(30));
        Assert.Equal("0 1 0 0 0", await OutcomeAsync(client.PostAlertsAsync(Alerts.Firing("alertname=Slow,service=shop"))));
    }

    [Fact]
    public async Task Start_WithoutAProfile_IsWhatIsBuiltIn()
    {
        var service = await Fixture.StartServiceAsync();
        using var client = Fixture.Responder(service, Tenant.Value);

        var incident = await OpenAsync(client, new StartIncidentRequest(Tenant, null, "r", TtlSeconds: Week));

        Assert.Equal((1, 300, 900), (incident.SamplingRate, incident.CooldownSeconds, incident.LookbackSeconds));
        Assert.Equal(incident.StartedAt.AddSeconds(Week), incident.ActiveUntil);
    }

    private Task<RunningService> StartSiteAsync(TimeProvider? time = null) => Fixture.StartServiceAsync(
        time, (File.Exists(Folder.Document) ? Folder.Settings : []).Append(KeyValuePair.Create(KnownEnvironment.ProfilePath, Folder.PathOf("site.yaml"))).ToDictionary());

    private void WriteProfile(string incident) => Folder.Write(
        "site.yaml",
        $$"""
        apiVersion: telemetry.stella-ops.org/v1
        kind: Profile
        metadata: { name: site }
        spec:
          environment: development
          redaction: none
          durability: write
          sampling: none
          recorder: { max_age: 1h }
          incident: {{incident}}
        """);

    private static async Task<IncidentResponse> OpenAsync(HttpClient client, StartIncidentRequest request, string? key = null)
    {
        using var answer = await client.SendJsonAsync("/api/v1/incidents", request, key);
        return await answer.ReadAsync<IncidentResponse>();
    }
}
