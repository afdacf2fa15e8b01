using System.Net;
using Npgsql;
using StellaOps.Telemetry.Archive.Roots;
using StellaOps.Telemetry.Archive.Scrubbing;
using StellaOps.Telemetry.Archive.Segments;
using StellaOps.Telemetry.CaptureWorker.FunctionalTests.TestServices;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Archive;
using StellaOps.Telemetry.Contracts.Captures;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.Tests.Shared.Hosting;
using StellaOps.Telemetry.Tests.Shared.Processes;
using StellaOps.Telemetry.Tests.Shared.Stack;

namespace StellaOps.Telemetry.CaptureWorker.FunctionalTests.Integrity;

public sealed class IntegrityTests
{
    private const long Second = 1_000_000_000;
    private const long Hour = 3600 * Second;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private static readonly (string, string)[] s_quiet =
        [("Stella__Archive__Roots__Enabled", "false"), ("Stella__Archive__Compaction__Enabled", "false"), ("Stella__Archive__Scrub__Every", "00:00:00")];

    private static readonly (string, string)[] s_rooting =
        [("Stella__Archive__Roots__Interval", "00:00:01"), ("Stella__Archive__Roots__Settle", "00:00:00"), ("Stella__Archive__Compaction__Enabled", "false"), ("Stella__Archive__Scrub__Every", "00:00:00")];

    [Fact]
    public async Task Compaction_TheSameWindowCapturedBeforeAndAfter_IsTheSameArchive()
    {
        await using var fixture = await CaptureFixture.StartAsync();
        var from = ((fixture.FromNano / Hour) - 2) * Hour;
        foreach (var id in new[] { "gw-1", "gw-2" })
        {
            var gateway = await fixture.StartGatewayAsync(id);
            for (var i = 0; i < 4; i++)
            {
                var number = (byte)((2 * i) + (id == "gw-1" ? 1 : 2));
                var spans = OtlpBytes.Spans("checkout", (number, number, 300, "a"));
                await gateway.ArchiveAsync(gateway.Accept(CaptureFixture.Tenant, Signal.Traces, spans, 1, from + (i * Second)), spans);
                var logs = OtlpBytes.Logs("checkout", ((ulong)number, $"line {number}"));
                await gateway.ArchiveAsync(gateway.Accept(CaptureFixture.Tenant, Signal.Logs, logs, 1, from + (i * Second)), logs);
            }

            // What it answers is nothing new: its log has forgotten the window.
            gateway.LogFrom = from;
            gateway.Answer();
        }

        var start = DateTimeOffset.UnixEpoch.AddTicks(from / 100);
        var request = new CreateCaptureRequest(CaptureFixture.Tenant, start, start.AddMinutes(2));
        var before = await fixture.StartWorkerAsync("before", s_quiet);
        var first = await fixture.CaptureAsync(before, request);
        await fixture.StopWorkerAsync(before);
        var after = await fixture.StartWorkerAsync(
            "after",
            ("Stella__Archive__Roots__Enabled", "false"),
            ("Stella__Archive__Scrub__Every", "00:00:00"),
            ("Stella__Archive__Compaction__Interval", "00:00:01"),
            ("Stella__Archive__Compaction__Settle", "00:00:00"),
            ("Stella__Archive__Compaction__LeastChunks", "2"),
            ("Stella__Archive__Compaction__SpoolPath", fixture.PathOf("spool")));
        await Eventually.HoldsAsync(async () => await CountAsync(fixture, ArchiveLayout.TombstoneSuffix) >= 16, s_patience, "small chunks are joined");
        var second = await fixture.CaptureAsync(after, request);

        Assert.Equal((8L, 8L), (first.Records["logs"], first.Records["traces"]));
        Assert.Equal((first.ArchiveHash, CaptureState.Succeeded), (second.ArchiveHash, second.State));
        Assert.Equal(0, (await Scrubs.RunAsync(fixture, after)).FindingCount);
    }

    [Fact]
    public async Task Roots_ByTwoWorkers_AreOneChain_AndALateChunkGetsAnother()
    {
        await using var fixture = await CaptureFixture.StartAsync();
        var gateway = await fixture.StartGatewayAsync("gw-1");
        var twoDaysAgo = fixture.FromNano - (48 * Hour);
        var chunk = await ArchiveAsync(fixture, gateway, 1, twoDaysAgo);
        var one = await fixture.StartWorkerAsync("one", s_rooting);
        await fixture.StartWorkerAsync("two", s_rooting);
        await Eventually.HoldsAsync(async () => await CountAsync(fixture, ArchiveLayout.RootSuffix) == 1, s_patience, "the day has a root");
        var late = await ArchiveAsync(fixture, gateway, 2, twoDaysAgo + Second);
        await Eventually.HoldsAsync(async () => await CountAsync(fixture, ArchiveLayout.RootSuffix) == 2, s_patience, "the late chunk gives another");
        var report = await Scrubs.RunAsync(fixture, one);

        Assert.True(report.FindingCount == 0, string.Join('\n', report.Findings));
        Assert.Equal((2L, 2L, 0L, 2L), (report.Chunks, report.Roots, report.Unrooted, report.Heads["acme"].Number));
        foreach (var manifest in new[] { chunk, late })
        {
            Assert.True(InclusionProof.TryParse(await Scrubs.Client(fixture, one).ProveAsync(manifest.SegmentKey, CancellationToken.None), out var proof));
            Assert.Null(proof.FindFault([fixture.Identities.Key(KnownServices.CaptureWorker).Public]));
        }

        // Who holds a token for another tenant learns nothing; and a chain that lost its end shows against the database.
        var other = await Assert.ThrowsAsync<ApiException>(() => Scrubs.Client(fixture, one, "other").ProveAsync(chunk.SegmentKey, CancellationToken.None));
        Assert.Equal(HttpStatusCode.NotFound, other.Status);
        foreach (var suffix in new[] { ArchiveLayout.RootSuffix, ArchiveLayout.RootAttestationSuffix, ArchiveLayout.RootLeavesSuffix })
        {
            await fixture.Archive.DeleteAsync(ArchiveLayout.RootKey(CaptureFixture.Tenant, 2, suffix), CancellationToken.None);
        }

        Assert.Contains((await Scrubs.RunAsync(fixture, one)).Findings, f => f.Kind == KnownFindings.RootMissing);
    }

    [Fact]
    public async Task Scrub_OfOneTenant_FindsWhatIsWrongThere_AndIsOthersBusinessNot()
    {
        await using var fixture = await CaptureFixture.StartAsync();
        var gateway = await fixture.StartGatewayAsync("gw-1");
        var chunk = await ArchiveAsync(fixture, gateway, 1, fixture.FromNano);
        await fixture.Archive.DeleteAsync(chunk.SegmentKey, CancellationToken.None);
        var worker = await fixture.StartWorkerAsync("worker", s_quiet);

        var report = await Scrubs.RunAsync(fixture, worker, "acme");
        var idle = await Scrubs.RunAsync(fixture, worker, "other");

        Assert.Equal((KnownFindings.SegmentMissing, chunk.SegmentKey), Assert.Single(report.Findings.Select(f => (f.Kind, f.Key))));
        Assert.Equal((0L, 0L), (idle.FindingCount, idle.Chunks));
        var scrub = await Scrubs.Client(fixture, worker, "acme").StartAsync(new StartScrubRequest(), "key", CancellationToken.None);
        Assert.Equal(scrub.Id, (await Scrubs.Client(fixture, worker, "acme").StartAsync(new StartScrubRequest(), "key", CancellationToken.None)).Id);
        Assert.Equal(HttpStatusCode.NotFound, (await Assert.ThrowsAsync<ApiException>(() => Scrubs.Client(fixture, worker, "other").GetAsync(scrub.Id, CancellationToken.None))).Status);
        Assert.Equal(
            HttpStatusCode.Forbidden,
            (await Assert.ThrowsAsync<ApiException>(() => Scrubs.Client(fixture, worker, "other").StartAsync(new StartScrubRequest(CaptureFixture.Tenant), null, CancellationToken.None))).Status);
        Assert.Equal(
            HttpStatusCode.BadRequest,
            (await Assert.ThrowsAsync<ApiException>(() => Scrubs.Client(fixture, worker).StartAsync(new StartScrubRequest(null, new DateOnly(2026, 3, 2), new DateOnly(2026, 3, 1)), null, CancellationToken.None))).Status);
    }

    [Fact]
    public async Task Scrub_LeaseOfAWorkerThatDied_IsTakenUpWhereItWas()
    {
        await using var fixture = await CaptureFixture.StartAsync();
        var gateway = await fixture.StartGatewayAsync("gw-1");
        await ArchiveAsync(fixture, gateway, 1, fixture.FromNano);
        var old = await ArchiveAsync(fixture, gateway, 2, fixture.FromNano - (48 * Hour));
        var worker = await fixture.StartWorkerAsync("worker", s_quiet);

        // Another worker had done the older day, with one finding, and was killed.
        var day = ArchiveLayout.DayOf(old.AcceptedFromUnixNano).ToString("yyyy-MM-dd");
        await using (var insert = fixture.Database.DataSource.CreateCommand(
            $$$"""
            INSERT INTO capture.scrubs (id, scheduled, state, cursor, report, lease_until, attempt, requested_by, requested_at) VALUES ('scrub-1', false, 'running',
                '{"Tenant":"acme","Day":"{{{day}}}","DoneBytes":{{{old.StoredBytes}}},"TotalBytes":1000}',
                '{"tenants":1,"days":1,"chunks":1,"records":1,"storedBytes":{{{old.StoredBytes}}},"tombstones":0,"roots":0,"unrooted":1,"findingCount":1,"findings":[{"kind":"segment-missing","key":"k","what":"w","mend":"m"}],"notes":[],"heads":{}}',
                now() - interval '1 second', 1, 'rita', now())
            """))
        {
            await insert.ExecuteNonQueryAsync();
        }

        var report = await Scrubs.EndOfAsync(Scrubs.Client(fixture, worker), "scrub-1");

        Assert.Equal((2L, 2L, 1L), (report.Chunks, report.Days, report.FindingCount));
    }

    [Fact]
    public async Task Findings_AreTold_UntilAScrubOfTheWholeArchiveFindsNothing()
    {
        await using var fixture = await CaptureFixture.StartAsync();
        var chunk = await new ArchiveOfChunks(fixture.Archive).WriteAsync(TimeSpan.FromHours(1));
        var segment = await File.ReadAllBytesAsync(Path.Combine(fixture.ArchivePath, chunk.SegmentKey));
        await fixture.Archive.DeleteAsync(chunk.SegmentKey, CancellationToken.None);
        (string, string)[] settings = [.. s_quiet, ("Stella__Archive__Scrub__PollInterval", "00:00:00.050")];
        var worker = await fixture.StartWorkerAsync("worker", settings);
        await ToldAsync(worker, KnownFindings.SegmentMissing, 0);
        Assert.DoesNotContain((await MetricsScrape.ReadAsync(worker.Url, CancellationToken.None)).Samples, s => s.Name == "telemetry_archive_last_scrub_seconds");

        await Scrubs.RunAsync(fixture, worker, "acme");
        await ToldAsync(worker, KnownFindings.SegmentMissing, 1);
        await fixture.Archive.PutAsync(chunk.SegmentKey, new MemoryStream(segment), CancellationToken.None);
        await Scrubs.RunAsync(fixture, worker, "acme");
        await fixture.StopWorkerAsync(worker);

        // One that was mended without a look at the rest counts as standing, and a worker that starts knows it.
        worker = await fixture.StartWorkerAsync("worker", settings);
        await ToldAsync(worker, KnownFindings.SegmentMissing, 1);
        await Scrubs.RunAsync(fixture, worker);
        await ToldAsync(worker, KnownFindings.SegmentMissing, 0);
        var scrape = await MetricsScrape.ReadAsync(worker.Url, CancellationToken.None);
        Assert.Equal(KnownFindings.All.Count, scrape.Samples.Count(s => s.Name == "telemetry_archive_findings"));
        Assert.InRange(Assert.Single(scrape.Samples, s => s.Name == "telemetry_archive_last_scrub_seconds").Value, 0, 60);
        Assert.Equal(0, Assert.Single(scrape.Samples, s => s.Name == "telemetry_archive_scrubs_total" && s.Labels["outcome"] == "failed").Value);
    }

    [Fact]
    public async Task Roots_OfATenantThatFails_AreCounted_AndOthersGetTheirs()
    {
        await using var fixture = await CaptureFixture.StartAsync();
        var chunks = new ArchiveOfChunks(fixture.Archive);
        var twoDays = TimeSpan.FromDays(2);
        await chunks.WriteAsync(twoDays);
        var damaged = await chunks.WriteAsync(twoDays, tenant: TenantId.Parse("globex"));
        await chunks.WriteAsync(twoDays, tenant: TenantId.Parse("globex"));
        await File.WriteAllTextAsync(Path.Combine(fixture.ArchivePath, damaged.ManifestKey), "no manifest");

        // No folder can be made where a file stands.
        await File.WriteAllTextAsync(Path.Combine(fixture.ArchivePath, "archive/v1/acme/roots"), "");
        var worker = await fixture.StartWorkerAsync("worker", s_rooting);

        await Eventually.HoldsAsync(async () => await CountAsync(fixture, ArchiveLayout.RootSuffix) == 1, s_patience, "the other tenant has a root");
        await Eventually.HoldsAsync(
            async () =>
            {
                var scrape = await MetricsScrape.ReadAsync(worker.Url, CancellationToken.None);
                return scrape.Sum("telemetry_archive_pass_failures_total", ("pass", "roots")) > 0 && scrape.Sum("telemetry_archive_left_objects_total", ("pass", "roots")) > 0;
            },
            s_patience,
            "the failure and what no root answers for are counted");
        Assert.Equal(0, (await MetricsScrape.ReadAsync(worker.Url, CancellationToken.None)).Sum("telemetry_archive_pass_failures_total", ("pass", "compaction")));
        File.Delete(Path.Combine(fixture.ArchivePath, "archive/v1/acme/roots"));
        await Eventually.HoldsAsync(async () => await CountAsync(fixture, ArchiveLayout.RootSuffix) == 2, s_patience, "mended, it has one too");
    }

    [Fact]
    public async Task Lock_ThatIsTaken_IsAskedForAgain_AndNotOnlyWhenTheNextPassIsDue()
    {
        await using var fixture = await CaptureFixture.StartAsync();
        var chunks = new ArchiveOfChunks(fixture.Archive);
        await chunks.WriteAsync(TimeSpan.FromDays(2));
        var expired = await chunks.WriteAsync(TimeSpan.FromDays(9));
        await File.WriteAllTextAsync(fixture.PathOf("site.yaml"), SiteProfileText.Of("[{ tier: sampled, keep: 7d }]"));
        RunningService worker;
        await using (var other = await fixture.Database.DataSource.OpenConnectionAsync())
        {
            await using var take = new NpgsqlCommand($"SELECT pg_advisory_lock({0x61726368697665})", other);
            await take.ExecuteNonQueryAsync();
            worker = await fixture.StartWorkerAsync("worker", (KnownEnvironment.ProfilePath, fixture.PathOf("site.yaml")), ("Stella__Archive__Roots__Settle", "00:00:00"));
            await Task.Delay(TimeSpan.FromSeconds(3));
            Assert.Equal(0, await CountAsync(fixture, ArchiveLayout.RootSuffix));
            Assert.True(await chunks.IsWholeAsync(expired));
            await using var release = new NpgsqlCommand("SELECT pg_advisory_unlock_all()", other);
            await release.ExecuteNonQueryAsync();
        }

        await Eventually.HoldsAsync(async () => await CountAsync(fixture, ArchiveLayout.RootSuffix) == 2 && await chunks.IsGoneAsync(expired), s_patience, "both days have a root, and the older chunk is gone");

        // A sweep ends a moment after its last chunk went.
        await Eventually.HoldsAsync(
            async () => (await MetricsScrape.ReadAsync(worker.Url, CancellationToken.None)).Samples.Any(s => s.Name == "telemetry_retention_last_sweep_seconds"), s_patience, "the sweep is told");
    }

    private static Task ToldAsync(RunningService worker, string kind, double count) => Eventually.HoldsAsync(
        async () => (await MetricsScrape.ReadAsync(worker.Url, CancellationToken.None)).Samples.SingleOrDefault(s => s.Name == "telemetry_archive_findings" && s.Labels["kind"] == kind)?.Value == count,
        s_patience,
        $"{count} findings of {kind} are told");

    private static async Task<ChunkManifest> ArchiveAsync(CaptureFixture fixture, ScriptedGateway gateway, byte number, long acceptedAt)
    {
        var spans = OtlpBytes.Spans("checkout", (number, number, 300, "a"));
        await gateway.ArchiveAsync(gateway.Accept(CaptureFixture.Tenant, Signal.Traces, spans, 1, acceptedAt), spans);
        await foreach (var manifest in new ArchiveCatalog(fixture.Archive).FindAsync(CaptureFixture.Tenant, [Signal.Traces], acceptedAt, acceptedAt + 1, null, CancellationToken.None))
        {
            return manifest;
        }

        throw new InvalidOperationException("the chunk is not in the archive");
    }

    private static async Task<int> CountAsync(CaptureFixture fixture, string suffix)
    {
        var count = 0;
        await foreach (var found in fixture.Archive.ListAsync(ArchiveLayout.Root, CancellationToken.None))
        {
            count += found.Key.EndsWith(suffix, StringComparison.Ordinal) ? 1 : 0;
        }

        return count;
    }
}
