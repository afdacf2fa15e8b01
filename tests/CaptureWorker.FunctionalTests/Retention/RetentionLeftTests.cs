using StellaOps.Telemetry.Archive.Segments;
using StellaOps.Telemetry.CaptureWorker.FunctionalTests.TestServices;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Archive;
using StellaOps.Telemetry.Contracts.Holds;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.Tests.Shared.Hosting;
using StellaOps.Telemetry.Tests.Shared.Processes;
using StellaOps.Telemetry.Tests.Shared.S3;
using StellaOps.Telemetry.Tests.Shared.Stack;

namespace StellaOps.Telemetry.CaptureWorker.FunctionalTests.Retention;

/// <summary>A worker that sweeps a bucket whose server refuses some of what it is asked.</summary>
public sealed class RetentionLeftTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(40);
    private static readonly TimeSpan s_old = TimeSpan.FromDays(3);
    private static readonly TenantId s_other = TenantId.Parse("globex");

    [Fact]
    public async Task Sweep_OfChunksThatCannotBeTaken_TakesAllOthers_AndTellsOfThemUntilTheyGo()
    {
        await using var server = await S3Server.StartNewAsync();
        await using var proxy = await FaultProxy.StartNewAsync(server.Url);
        await using var fixture = await CaptureFixture.StartAsync(bucket: server);
        var chunks = new ArchiveOfChunks(fixture.Archive);
        var stuck = await chunks.WriteAsync(s_old + TimeSpan.FromHours(3), service: "stuck");
        var unread = await chunks.WriteAsync(s_old + TimeSpan.FromHours(2));
        var damaged = await chunks.WriteAsync(s_old + TimeSpan.FromHours(1));
        await fixture.Archive.PutAsync(damaged.ManifestKey, new MemoryStream("no manifest"u8.ToArray()), CancellationToken.None);
        ChunkManifest[] others = [await chunks.WriteAsync(s_old), await chunks.WriteAsync(s_old, Signal.Logs), await chunks.WriteAsync(s_old, tenant: s_other)];
        proxy.Judge(r => (r.Operation == "DeleteObject" && r.Key == stuck.SegmentKey) || (r.Operation == "GetObject" && r.Key == unread.ManifestKey) ? new S3Fault(S3FaultKind.UnknownAccessKey) : null);
        await File.WriteAllTextAsync(fixture.PathOf("site.yaml"), SiteProfileText.Of("[{ tier: sampled, keep: 2d }]"));
        var worker = await fixture.StartWorkerAsync("worker", [
            .. server.Settings(proxy.Url).Select(s => (s.Key, s.Value)),
            (KnownEnvironment.ArchivePath, ""),
            (KnownEnvironment.ProfilePath, fixture.PathOf("site.yaml")),
            ("Stella__Retention__Interval", "00:00:00.100"),
            ("Stella__Retention__Lease", "00:00:01"),
        ]);

        await GoAsync(chunks, others);
        ChunkManifest[] expected = [stuck, unread, damaged];
        await LeftAsync(fixture, worker, expected);
        Assert.Empty((await PlanAsync(fixture, worker, s_other.Value)).Left!);

        // What was begun outlived its lease, is tried again by whoever recovers, and keeps nobody from sweeping.
        var tried = proxy.Struck.Count(s => s.Request.Key == stuck.SegmentKey);
        await Eventually.HoldsAsync(() => proxy.Struck.Count(s => s.Request.Key == stuck.SegmentKey) > tried + 4, s_patience, "it is tried again and again");
        await GoAsync(chunks, await chunks.WriteAsync(s_old));
        var holds = new HoldClient(worker.Client(fixture.Issuer.Mint("rita", "*", KnownScopes.CapturesCreate, KnownScopes.CapturesRead)));
        var now = TimeProvider.System.GetUtcNow();
        var hold = await holds.AddAsync(new CreateHoldRequest(CaptureFixture.Tenant, now.AddDays(-9), "law", now, ["stuck"]), null, CancellationToken.None);
        Assert.Equal([$"chunk {stuck.ManifestKey} was already being deleted"], hold.Gaps);

        var scrape = await MetricsScrape.ReadAsync(worker.Url, CancellationToken.None);
        Assert.True(scrape.Sum("telemetry_retention_left_chunks_total", ("reason", "refused")) > 2);
        Assert.True(scrape.Sum("telemetry_retention_left_chunks_total", ("reason", "damaged")) > 1);
        Assert.Equal(0, scrape.Sum("telemetry_retention_failures_total"));

        // Let go, they go; what is damaged stays until somebody mends it, and is told.
        proxy.Judge(_ => null);
        await GoAsync(chunks, stuck, unread);
        await LeftAsync(fixture, worker, damaged);
        await fixture.Archive.PutAsync(damaged.ManifestKey, new MemoryStream(damaged.ToJson()), CancellationToken.None);
        await GoAsync(chunks, damaged);
        await LeftAsync(fixture, worker);
    }

    private static async Task GoAsync(ArchiveOfChunks chunks, params ChunkManifest[] gone)
    {
        foreach (var chunk in gone)
        {
            await Eventually.HoldsAsync(() => chunks.IsGoneAsync(chunk), s_patience, $"{chunk.SegmentKey} is gone");
        }
    }

    private static Task LeftAsync(CaptureFixture fixture, RunningService worker, params ChunkManifest[] left) => Eventually.HoldsAsync(
        async () => (await PlanAsync(fixture, worker, CaptureFixture.Tenant.Value)).Left!.Select(l => (l.Key, l.What.Length > 0)).Order().SequenceEqual(left.Select(l => (l.ManifestKey, true)).Order()),
        s_patience,
        $"{left.Length} chunks are told to be left");

    private static Task<ArchivePlanResponse> PlanAsync(CaptureFixture fixture, RunningService worker, string tenant) =>
        new ArchiveClient(worker.Client(fixture.Issuer.Mint("rita", tenant, KnownScopes.TelemetryRead))).PlanAsync(null, null, false, null, CancellationToken.None);
}
