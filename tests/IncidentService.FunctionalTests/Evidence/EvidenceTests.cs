using Microsoft.Extensions.Time.Testing;
using StellaOps.Telemetry.Contracts.Captures;
using StellaOps.Telemetry.Contracts.Holds;
using StellaOps.Telemetry.Contracts.Incidents;
using StellaOps.Telemetry.Tests.Shared.Hosting;
using StellaOps.Telemetry.Tests.Shared.Processes;
using StellaOps.Telemetry.Tests.Shared.Redis;

namespace StellaOps.Telemetry.IncidentService.FunctionalTests.Evidence;

/// <summary>What an incident has the capture worker do, with a worker that is away when it is needed.</summary>
public sealed class EvidenceTests : IAsyncLifetime
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());
    private IncidentServiceFixture _fixture = null!;
    private CaptureWorkerDouble _worker = null!;
    private HttpClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _fixture = await IncidentServiceFixture.CreateAsync(RedisKind.RedisServer);
        _worker = await CaptureWorkerDouble.StartAsync();
        var service = await _fixture.StartServiceAsync(_time, new Dictionary<string, string>
        {
            ["services__capture-worker__http__0"] = _worker.Url.ToString(),
            ["Stella__Incident__Limits__MaxRaisedPerTenant"] = "1",
        });
        _client = _fixture.Responder(service);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _worker.DisposeAsync();
        await _fixture.DisposeAsync();
    }

    [Fact]
    public async Task Incident_OpenEveryAndClose_AsksForEachOnceFromTheLookbackOn()
    {
        _worker.Fail(3);
        var request = new StartIncidentRequest(
            IncidentServiceFixture.NewTenant(), ["shop"], "r", TtlSeconds: 100, CooldownSeconds: 0, LookbackSeconds: 600, Captures: new IncidentCaptures(OnOpen: true, OnClose: true, EverySeconds: 30));
        var incident = await (await _client.SendJsonAsync("/api/v1/incidents", request)).ReadAsync<IncidentResponse>();
        await TakenAsync($"{incident.Id}:hold:1", $"{incident.Id}:capture-on-open:1");
        var hold = Body<CreateHoldRequest>("hold:1");
        Assert.Equal((incident.StartedAt.AddSeconds(-600), null, incident.RetainUntil, incident.Id), (hold.From, hold.To, hold.Until, hold.IncidentId));
        Assert.Equal(["shop"], hold.Services);

        await TakenAsync($"{incident.Id}:capture-every:1", $"{incident.Id}:capture-every:2", $"{incident.Id}:capture-every:3", $"{incident.Id}:capture-on-close:1");
        await Eventually.HoldsAsync(() => Advance(() => _worker.Taken.Any(t => t.Key.StartsWith("hold-", StringComparison.Ordinal))), s_patience, "the hold is closed");
        var captures = _worker.Taken.Select(t => t.Body).OfType<CreateCaptureRequest>().ToList();
        Assert.All(captures, c => Assert.Equal((incident.StartedAt.AddSeconds(-600), incident.Id), (c.From, c.IncidentId)));
        Assert.Equal(captures.Select(c => c.To).Order(), captures.Select(c => c.To));
        Assert.Equal(5, captures.Count);
        var ended = await ReadAsync(incident.Id);
        Assert.Equal(IncidentState.Closed, ended.State);
        Assert.Equal(5, ended.Timeline.Count(e => e.Action.StartsWith("capture-", StringComparison.Ordinal) && e.Detail!.StartsWith("cap-", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Incident_LegalHoldNoCaptures_HoldsWithoutEnd()
    {
        var request = new StartIncidentRequest(IncidentServiceFixture.NewTenant(), null, "r", Captures: new IncidentCaptures(OnClose: false), LegalHold: true);
        var incident = await (await _client.SendJsonAsync("/api/v1/incidents", request)).ReadAsync<IncidentResponse>();
        Assert.True(incident.LegalHold);
        (await _client.SendJsonAsync($"/api/v1/incidents/{incident.Id}/stop", new StopIncidentRequest(Now: true))).EnsureSuccessStatusCode();
        await Eventually.HoldsAsync(() => Advance(() => _worker.Taken.Count == 2), s_patience, "the hold is made and closed");
        Assert.Null(Body<CreateHoldRequest>("hold:1").Until);
        Assert.Empty(_worker.Taken.Select(t => t.Body).OfType<CreateCaptureRequest>());
    }

    [Fact]
    public async Task Incident_AboveACeiling_AsksForNothingUntilItRaisesSomething()
    {
        var first = new StartIncidentRequest(IncidentServiceFixture.NewTenant(), null, "first", Captures: new IncidentCaptures(OnOpen: true));
        var raised = await (await _client.SendJsonAsync("/api/v1/incidents", first)).ReadAsync<IncidentResponse>();
        var second = await (await _client.SendJsonAsync("/api/v1/incidents", first with { Reason = "second" })).ReadAsync<IncidentResponse>();
        var third = await (await _client.SendJsonAsync("/api/v1/incidents", first with { Reason = "third" })).ReadAsync<IncidentResponse>();
        Assert.Equal((0.0, 0.0), (second.EffectiveSamplingRate, third.EffectiveSamplingRate));
        (await _client.SendJsonAsync($"/api/v1/incidents/{third.Id}/stop", new StopIncidentRequest(Now: true))).EnsureSuccessStatusCode();
        await TakenAsync($"{raised.Id}:hold:1", $"{raised.Id}:capture-on-open:1");
        (await _client.SendJsonAsync($"/api/v1/incidents/{raised.Id}/stop", new StopIncidentRequest(Now: true))).EnsureSuccessStatusCode();

        // The second one has the place then, and what it asks for comes with it; the third never had one.
        await TakenAsync($"{second.Id}:hold:1", $"{second.Id}:capture-on-open:1");
        Assert.Equal(IncidentState.Closed, (await ReadAsync(third.Id)).State);
        Assert.DoesNotContain(_worker.Taken, t => t.Key.StartsWith(third.Id, StringComparison.Ordinal));
    }

    private T Body<T>(string key) => (T)_worker.Taken.First(t => t.Key.EndsWith(key, StringComparison.Ordinal)).Body;

    private Task TakenAsync(params string[] keys) =>
        Eventually.HoldsAsync(() => Advance(() => keys.All(k => _worker.Taken.Any(t => t.Key == k))), s_patience, $"{string.Join(" and ", keys)} were asked for");

    private bool Advance(Func<bool> condition)
    {
        _time.Advance(TimeSpan.FromMilliseconds(500));
        return condition();
    }

    private async Task<IncidentResponse> ReadAsync(string id) => await (await _client.GetAsync($"/api/v1/incidents/{id}")).ReadAsync<IncidentResponse>();
}
