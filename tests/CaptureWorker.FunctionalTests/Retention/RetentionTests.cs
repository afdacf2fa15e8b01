using System.Net;
using Microsoft.Extensions.Options;
using StellaOps.Telemetry.Archive.Segments;
using StellaOps.Telemetry.CaptureWorker.FunctionalTests.TestServices;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Archive;
using StellaOps.Telemetry.Contracts.Holds;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.Tests.Shared.Hosting;
using StellaOps.Telemetry.Tests.Shared.Processes;

namespace StellaOps.Telemetry.CaptureWorker.FunctionalTests.Retention;

/// <summary>A worker that sweeps, with PostgreSQL and a folder as its archive.</summary>
public sealed class RetentionTests : IAsyncLifetime
{
    private const string TwoDays = "[{ tier: sampled, keep: 2d }]";
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan s_old = TimeSpan.FromDays(3);
    private static readonly TenantId s_other = TenantId.Parse("globex");
    private CaptureFixture _fixture = null!;
    private ArchiveOfChunks _chunks = null!;

    private string ProfilePath => _fixture.PathOf("site.yaml");

    public async ValueTask InitializeAsync()
    {
        _fixture = await CaptureFixture.StartAsync();
        _chunks = new ArchiveOfChunks(_fixture.Archive);
    }

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Incident_ItsHold_KeepsItsChunksWhileTheRestGoes_UntilItIsClosedAndPastItsDate()
    {
        var mine = await _chunks.WriteAsync(s_old, service: "checkout");
        var unnamed = await _chunks.WriteAsync(s_old, Signal.Logs, service: "checkout");
        var others = await _chunks.WriteAsync(s_old, service: "search");
        var earlier = await _chunks.WriteAsync(s_old + TimeSpan.FromHours(2), service: "checkout");
        var young = await _chunks.WriteAsync(TimeSpan.FromHours(1));
        var promoted = await _chunks.WriteAsync(s_old, tier: KnownTiers.Promoted);
        var strangers = await _chunks.WriteAsync(s_old, tenant: s_other);
        var worker = await StartAsync(null);
        var holds = Holds(worker);
        var now = TimeProvider.System.GetUtcNow();
        var hold = await holds.AddAsync(
            new CreateHoldRequest(CaptureFixture.Tenant, now - s_old - TimeSpan.FromMinutes(1), "incident", Services: ["checkout"], Until: now.AddSeconds(4), IncidentId: "inc-1"), null, CancellationToken.None);

        await File.WriteAllTextAsync(ProfilePath, SiteProfileText.Of(TwoDays));
        worker = await AgainAsync(worker);
        await GoAsync(others, earlier, strangers);
        Assert.True(await _chunks.IsWholeAsync(mine) && await _chunks.IsWholeAsync(unnamed) && await _chunks.IsWholeAsync(young) && await _chunks.IsWholeAsync(promoted));

        // What is held is told, and by what.
        var plan = await Archive(worker).PlanAsync(CaptureFixture.Tenant, null, byChunk: true, null, CancellationToken.None);
        Assert.Equal([(mine.Segment, ArchiveAction.Held, hold.Id), (unnamed.Segment, ArchiveAction.Held, hold.Id)], plan.Items.Select(r => (r.Segment!, r.Action, Assert.Single(r.HeldBy))));
        var usage = await Archive(worker).UsageAsync(CaptureFixture.Tenant, null, CancellationToken.None);
        Assert.Equal(mine.StoredBytes + young.StoredBytes, usage.Items.Single(r => r is { Signal: Signal.Traces, Tier: KnownTiers.Default }).HeldBytes);

        // Still growing, it outlives its date.
        await Eventually.HoldsAsync(() => TimeProvider.System.GetUtcNow() > hold.Until, s_patience, "the hold's date is past");
        Assert.True(await _chunks.IsWholeAsync(mine));
        await Holds(worker).CloseAsync(hold.Id, new CloseHoldRequest(now), CancellationToken.None);
        await GoAsync(mine, unnamed);
        Assert.True(await _chunks.IsWholeAsync(young) && await _chunks.IsWholeAsync(promoted));

        // The audit entries come when a batch ends, a moment after its last chunk went.
        await Eventually.HoldsAsync(async () => await TextAsync("SELECT count(*)::text FROM capture.removals") == "0", s_patience, "the batches ended");
        Assert.Equal(
            "archive.expire acme traces/default, archive.expire globex traces/default",
            await TextAsync("SELECT string_agg(DISTINCT action || ' ' || tenant || ' ' || target, ', ') FROM audit.entries WHERE action LIKE 'archive.%' AND target LIKE 'traces%'"));
        Assert.Equal("5", await TextAsync("SELECT sum((detail::json->>'chunks')::int)::text FROM audit.entries WHERE action = 'archive.expire'"));
    }

    [Fact]
    public async Task Policy_UnknownOrBroken_DeletesNothing_AndTheLastGoodOneStays()
    {
        var first = await _chunks.WriteAsync(s_old);
        await File.WriteAllTextAsync(ProfilePath, "spec: [");
        var broken = await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync(ProfilePath));
        Assert.Contains("Stella__Profile__Path: ", broken.Message, StringComparison.Ordinal);
        var worker = await StartAsync(null);
        var plan = await Archive(worker).PlanAsync(null, null, false, null, CancellationToken.None);
        Assert.Null(plan.Profile);
        Assert.NotNull(plan.Fault);
        await Task.Delay(500);
        Assert.True(await _chunks.IsWholeAsync(first));

        await File.WriteAllTextAsync(ProfilePath, SiteProfileText.Of(TwoDays));
        worker = await AgainAsync(worker);
        await GoAsync(first);
        await File.WriteAllTextAsync(ProfilePath, SiteProfileText.Of("[{ tier: sampled }]"));
        await Eventually.HoldsAsync(async () => (await Archive(worker).PlanAsync(null, null, false, null, CancellationToken.None)) is { Profile: "site", Fault: not null }, s_patience, "the change is refused");
        await GoAsync(await _chunks.WriteAsync(s_old));
        Assert.Matches("(?m)^telemetry_retention_policy_known(\\{[^}]*\\})? 1", await MetricsAsync(worker));
    }

    [Fact]
    public async Task Warm_OldEnough_IsRewrittenSmallerWithTheSameFrames()
    {
        var chunk = await _chunks.WriteAsync(TimeSpan.FromHours(5), spans: 200);
        var payloads = await _chunks.PayloadsAsync(chunk);
        var young = await _chunks.WriteAsync(TimeSpan.FromMinutes(5));
        var damaged = await _chunks.WriteAsync(TimeSpan.FromHours(6), Signal.Metrics);
        await File.WriteAllTextAsync(Path.Combine(_fixture.ArchivePath, damaged.SegmentKey), "no segment");
        await File.WriteAllTextAsync(ProfilePath, SiteProfileText.Of("[{ tier: sampled, warm_after: 2h, keep: 2d }]"));
        var worker = await StartAsync(ProfilePath);

        await GoAsync(chunk);
        var warm = await new ArchiveCatalog(_fixture.Archive).ReadAsync(chunk.ManifestKey.Replace(ArchiveLayout.ManifestSuffix, "-warm" + ArchiveLayout.ManifestSuffix, StringComparison.Ordinal), CancellationToken.None);
        Assert.Equal((chunk with { Segment = warm.Segment, StoredBytes = warm.StoredBytes, StoredSha256 = warm.StoredSha256 }).ToJson(), warm.ToJson());
        Assert.InRange(warm.StoredBytes, 1, chunk.StoredBytes);
        Assert.Equal(payloads, await _chunks.PayloadsAsync(warm));
        Assert.True(await _chunks.IsWholeAsync(young));
        Assert.True(await _fixture.Archive.ExistsAsync(damaged.ManifestKey, CancellationToken.None));
        var usage = await Archive(worker).UsageAsync(null, null, CancellationToken.None);
        Assert.Equal(1, usage.Items.Single(r => r.Temperature == ArchiveTemperature.Warm).Chunks);
        await Eventually.HoldsAsync(async () => (await MetricsAsync(worker)).Contains("temperature=\"warm\"", StringComparison.Ordinal), s_patience, "the gauge tells of it");

        // Warm is warm, and goes in its time.
        await File.WriteAllTextAsync(ProfilePath, SiteProfileText.Of("[{ tier: sampled, keep: 1h }]"));
        await GoAsync(warm);
    }

    [Fact]
    public async Task Plan_BySize_IsWhatTheSweeperDoes_AndPagesAsOne()
    {
        ChunkManifest[] chunks =
        [
            await _chunks.WriteAsync(TimeSpan.FromHours(9)), await _chunks.WriteAsync(TimeSpan.FromHours(8), Signal.Logs), await _chunks.WriteAsync(TimeSpan.FromHours(7)),
            await _chunks.WriteAsync(TimeSpan.FromHours(6)), await _chunks.WriteAsync(TimeSpan.FromHours(9), tenant: s_other),
        ];
        var limit = chunks[2].StoredBytes + chunks[3].StoredBytes;
        await File.WriteAllTextAsync(ProfilePath, SiteProfileText.Of($"[{{ tier: sampled, keep: 9d, tenants: {{ acme: {{ max_bytes: {limit} }} }} }}]"));
        var idle = await StartAsync(ProfilePath, ("Stella__Retention__Enabled", "false"));
        var archive = Archive(idle);
        await Eventually.HoldsAsync(async () => (await archive.PlanAsync(null, null, false, null, CancellationToken.None)).Profile is not null, s_patience, "the policy is known");
        var plan = await archive.PlanAsync(null, null, byChunk: true, null, CancellationToken.None);
        Assert.Equal([chunks[0].Segment, chunks[1].Segment], plan.Items.Select(r => r.Segment));
        Assert.All(plan.Items, r => Assert.Equal((ArchiveAction.Size, $"profile site: tier sampled holds at most {limit} of tenant acme"), (r.Action, r.Rule)));

        using var http = CaptureFixture.Based(idle, _fixture.Issuer.Mint("rita", "*", KnownScopes.TelemetryRead));
        var byOne = new List<ArchivePlanRow>();
        for (var (cursor, pages) = ((string?)"", 0); cursor is not null && pages < 9; pages++)
        {
            using var answer = await http.GetAsync($"api/v1/archive/plan?chunks=true&limit=1{(cursor.Length == 0 ? "" : "&cursor=" + cursor)}");
            var page = await answer.ReadAsync<ArchivePlanResponse>();
            byOne.AddRange(page.Items);
            cursor = page.NextCursor;
        }

        Assert.Equal(plan.Items.Select(r => r.Segment), byOne.Select(r => r.Segment));
        await _fixture.StopWorkerAsync(idle);
        await StartAsync(ProfilePath);
        await GoAsync(chunks[0], chunks[1]);
        Assert.True(await _chunks.IsWholeAsync(chunks[2]) && await _chunks.IsWholeAsync(chunks[3]) && await _chunks.IsWholeAsync(chunks[4]));
    }

    [Fact]
    public async Task Api_AnotherTenant_SeesNothing_AndNonsenseIsAProblem()
    {
        await _chunks.WriteAsync(s_old);
        await _chunks.WriteAsync(s_old, tenant: s_other);
        await File.WriteAllTextAsync(ProfilePath, SiteProfileText.Of(TwoDays));
        var worker = await StartAsync(ProfilePath, ("Stella__Retention__Enabled", "false"));
        await Eventually.HoldsAsync(async () => (await Archive(worker).PlanAsync(null, null, false, null, CancellationToken.None)).Profile is not null, s_patience, "the policy is known");
        var stranger = Archive(worker, "globex");
        Assert.Equal([s_other], (await stranger.UsageAsync(null, null, CancellationToken.None)).Items.Select(r => r.Tenant).Distinct());
        Assert.Equal([s_other], (await stranger.PlanAsync(null, null, false, null, CancellationToken.None)).Items.Select(r => r.Tenant).Distinct());
        var refused = await Assert.ThrowsAsync<ApiException>(() => stranger.UsageAsync(CaptureFixture.Tenant, null, CancellationToken.None));
        Assert.Equal(HttpStatusCode.Forbidden, refused.Status);
        refused = await Assert.ThrowsAsync<ApiException>(() => stranger.PlanAsync(CaptureFixture.Tenant, null, false, null, CancellationToken.None));
        Assert.Equal(HttpStatusCode.Forbidden, refused.Status);
        refused = await Assert.ThrowsAsync<ApiException>(() => stranger.PlanAsync(null, null, false, "nonsense", CancellationToken.None));
        Assert.Equal(HttpStatusCode.BadRequest, refused.Status);
        refused = await Assert.ThrowsAsync<ApiException>(() => stranger.PlanAsync(null, TimeProvider.System.GetUtcNow().AddDays(-1), false, null, CancellationToken.None));
        Assert.Equal(HttpStatusCode.BadRequest, refused.Status);
    }

    private Task<RunningService> StartAsync(string? profile, params (string, string)[] settings) => _fixture.StartWorkerAsync(
        "worker", [("Stella__Retention__Interval", "00:00:00.100"), .. profile is null ? [] : ((string, string)[])[(KnownEnvironment.ProfilePath, profile)], .. settings]);

    private async Task<RunningService> AgainAsync(RunningService worker)
    {
        await _fixture.StopWorkerAsync(worker);
        return await StartAsync(ProfilePath);
    }

    private async Task GoAsync(params ChunkManifest[] chunks)
    {
        foreach (var chunk in chunks)
        {
            await Eventually.HoldsAsync(() => _chunks.IsGoneAsync(chunk), s_patience, $"{chunk.SegmentKey} is gone");
        }
    }

    private ArchiveClient Archive(RunningService worker, string tenant = "*") => new(CaptureFixture.Based(worker, _fixture.Issuer.Mint("rita", tenant, KnownScopes.TelemetryRead)));

    private HoldClient Holds(RunningService worker) => new(CaptureFixture.Based(worker, _fixture.Issuer.Mint("rita", "*", KnownScopes.CapturesCreate, KnownScopes.CapturesRead)));

    private static async Task<string> MetricsAsync(RunningService worker)
    {
        using var http = worker.Client();
        return await http.GetStringAsync("metrics");
    }

    private async Task<string?> TextAsync(string sql)
    {
        await using var command = _fixture.Database.DataSource.CreateCommand(sql);
        return (string?)await command.ExecuteScalarAsync();
    }
}
