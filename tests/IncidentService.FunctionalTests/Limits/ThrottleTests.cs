using System.Text.Json;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Incidents;
using StellaOps.Telemetry.Evidence.Signing;
using StellaOps.Telemetry.IncidentService.FunctionalTests.Publishing;
using StellaOps.Telemetry.Tests.Shared.Hosting;
using StellaOps.Telemetry.Tests.Shared.Processes;
using StellaOps.Telemetry.Tests.Shared.Redis;

namespace StellaOps.Telemetry.IncidentService.FunctionalTests.Limits;

/// <summary>What becomes of a storm: every incident opens, and gateways hear of no more than the ceilings allow.</summary>
public sealed class ThrottleTests : IAsyncLifetime
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(15);
    private IncidentServiceFixture _fixture = null!;
    private RunningService _service = null!;
    private HttpClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _fixture = await IncidentServiceFixture.CreateAsync(RedisKind.RedisServer);
        _service = await _fixture.StartServiceAsync(settings: new Dictionary<string, string>
        {
            ["Stella__Incident__Limits__MaxRaisedPerTenant"] = "2",
            ["Stella__Incident__Limits__MaxExtraSpansPerSecondPerTenant"] = "1000",
        });
        _client = _fixture.Responder(_service);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _fixture.DisposeAsync();
    }

    [Fact]
    public async Task Start_AboveTheCeiling_OpensUnheardAndIsRaisedWhenThereIsRoom()
    {
        await using var view = await RedisView.ConnectAsync(_fixture.Redis, _fixture.Identities.Trust);
        var tenant = IncidentServiceFixture.NewTenant();
        var incidents = new List<IncidentResponse>();
        foreach (var reason in new[] { "one", "two", "three" })
        {
            incidents.Add(await (await _client.SendJsonAsync("/api/v1/incidents", new StartIncidentRequest(tenant, null, reason))).ReadAsync<IncidentResponse>());
        }

        Assert.All(incidents, i => Assert.Equal(IncidentState.Active, i.State));
        Assert.Equal([1.0, 1.0, 0.0], incidents.Select(i => i.EffectiveSamplingRate));
        Assert.Null(await view.FindAsync(incidents[2].Id));
        Assert.Contains("too many", incidents[2].Timeline[^1].Detail, StringComparison.Ordinal);

        (await _client.SendJsonAsync($"/api/v1/incidents/{incidents[0].Id}/stop", new StopIncidentRequest(Now: true))).EnsureSuccessStatusCode();
        await Eventually.HoldsAsync(async () => await view.FindAsync(incidents[2].Id) is { Tombstone: false, SamplingRate: 1 }, s_patience, "the third is raised");
        var raised = await ReadAsync(incidents[2].Id);
        Assert.Equal(1.0, raised.EffectiveSamplingRate);
        Assert.Equal(["start", "activate", "throttle"], raised.Timeline.Select(e => e.Action));
    }

    [Fact]
    public async Task Usage_AboveTheCeiling_StepsTheRateDownAndRecordsIt()
    {
        await using var view = await RedisView.ConnectAsync(_fixture.Redis, _fixture.Identities.Trust);
        var incident = await (await _client.SendJsonAsync("/api/v1/incidents", new StartIncidentRequest(IncidentServiceFixture.NewTenant(), null, "busy"))).ReadAsync<IncidentResponse>();
        Assert.Null(incident.Cost);
        var startedAt = TimeProvider.System.GetUtcNow();

        // A gateway that keeps 2,000 spans a second for it, whatever the rate.
        await Eventually.HoldsAsync(
            async () =>
            {
                var seconds = (TimeProvider.System.GetUtcNow() - startedAt).TotalSeconds;
                await ReportAsync(view, "gateway-1", startedAt, incident.Id, (long)(seconds * 2000), _fixture.Identities.KeyFile(KnownServices.IngestGateway));
                return (await ReadAsync(incident.Id)).EffectiveSamplingRate == 0.25;
            },
            s_patience,
            "the rate is stepped down twice");
        var throttled = await ReadAsync(incident.Id);
        Assert.Equal((IncidentState.Active, 1.0), (throttled.State, throttled.SamplingRate));
        Assert.Equal(["start", "activate", "throttle", "throttle"], throttled.Timeline.Select(e => e.Action));
        Assert.InRange(throttled.Cost!.SpansPerSecond, 1000, 3000);
        await Eventually.HoldsAsync(async () => await view.FindAsync(incident.Id) is { SamplingRate: 0.25 }, s_patience, "gateways are told");
    }

    [Fact]
    public async Task Usage_NotSignedByAGateway_IsPassedOver()
    {
        await using var view = await RedisView.ConnectAsync(_fixture.Redis, _fixture.Identities.Trust);
        var incident = await (await _client.SendJsonAsync("/api/v1/incidents", new StartIncidentRequest(IncidentServiceFixture.NewTenant(), null, "lies"))).ReadAsync<IncidentResponse>();
        var now = TimeProvider.System.GetUtcNow();
        await ReportAsync(view, "liar", now, incident.Id, 1_000_000, _fixture.Identities.KeyFile(KnownServices.CaptureWorker));
        await ReportAsync(view, "honest", now, incident.Id, 7, _fixture.Identities.KeyFile(KnownServices.IngestGateway));
        await Eventually.HoldsAsync(async () => (await ReadAsync(incident.Id)).Cost is not null, s_patience, "the honest one is heard");
        Assert.Equal(7, (await ReadAsync(incident.Id)).Cost!.Spans);
    }

    private static async Task ReportAsync(RedisView view, string gateway, DateTimeOffset startedAt, string incident, long spans, string keyFile)
    {
        using var key = SigningKey.Load(keyFile);
        var report = new IncidentUsageReport(gateway, startedAt, TimeProvider.System.GetUtcNow(), new Dictionary<string, IncidentKept> { [incident] = new(spans, spans * 1000) });
        var payload = JsonSerializer.SerializeToUtf8Bytes(report, ContractsJson.Default.IncidentUsageReport);
        await view.Database.HashSetAsync(KnownRedis.IncidentUsage, gateway, Dsse.Sign(IncidentUsageReport.PayloadType, payload, key, withKeyId: true));
    }

    private async Task<IncidentResponse> ReadAsync(string id) => await (await _client.GetAsync($"/api/v1/incidents/{id}")).ReadAsync<IncidentResponse>();
}
