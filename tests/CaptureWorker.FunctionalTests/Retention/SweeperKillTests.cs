using System.Globalization;
using StellaOps.Telemetry.Archive.Segments;
using StellaOps.Telemetry.CaptureWorker.FunctionalTests.TestServices;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Holds;
using StellaOps.Telemetry.Tests.Shared.Hosting;
using StellaOps.Telemetry.Tests.Shared.Processes;
using StellaOps.Telemetry.Tests.Shared.Stack;

namespace StellaOps.Telemetry.CaptureWorker.FunctionalTests.Retention;

/// <summary>The worker's process is killed at random moments of sweeping. <c>eng/worker-crash.sh retention</c> does it for long.</summary>
public sealed class SweeperKillTests : IAsyncLifetime
{
    private const int ExpiredPerKill = 36;
    private const int HeldPerKill = 4;
    private const int CoolingPerKill = 6;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    private CaptureFixture _fixture = null!;
    private ArchiveOfChunks _chunks = null!;

    /// <summary>Sweeps nothing: takes holds, scrubs.</summary>
    private RunningService _desk = null!;

    public async ValueTask InitializeAsync()
    {
        _fixture = await CaptureFixture.StartAsync();
        _chunks = new ArchiveOfChunks(_fixture.Archive);
        _desk = await _fixture.StartWorkerAsync("desk", ("Stella__Retention__Enabled", "false"), ("Stella__Archive__Compaction__Enabled", "false"), ("Stella__Archive__Scrub__Every", "00:00:00"));
        await File.WriteAllTextAsync(_fixture.PathOf("site.yaml"), SiteProfileText.Of("[{ tier: sampled, warm_after: 2h, keep: 2d }]"));
    }

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Worker_KilledAgainAndAgain_ScrubFindsNothing_AndNothingHeldIsGone()
    {
        var kills = Kills.OrInShort(3);
        var random = new Random(kills);
        var now = TimeProvider.System.GetUtcNow();
        var holds = new HoldClient(_desk.Client(_fixture.Issuer.Mint("rita", "*", KnownScopes.CapturesCreate, KnownScopes.CapturesRead)));
        await holds.AddAsync(new CreateHoldRequest(CaptureFixture.Tenant, now.AddDays(-9), "law", now, ["held"]), null, CancellationToken.None);
        var (held, expired, cooling) = (new List<ChunkManifest>(), new List<ChunkManifest>(), new List<ChunkManifest>());
        var midway = 0;
        for (var kill = 1; kill <= kills; kill++)
        {
            await AddAsync(held, HeldPerKill, TimeSpan.FromDays(3), "held");
            await AddAsync(expired, ExpiredPerKill, TimeSpan.FromDays(3), "checkout");
            await AddAsync(cooling, CoolingPerKill, TimeSpan.FromHours(5), "checkout");
            var before = Tombstones();
            await using (await StartAsync("killed"))
            {
                await Eventually.HoldsAsync(() => Tombstones() > before, s_patience, "the sweeper is at work");
                await Task.Delay(random.Next(250));

                // SiblingProcess ends it by SIGKILL.
            }

            midway += await ScalarAsync("SELECT count(*) FROM capture.removals") > 0 ? 1 : 0;
            var report = await Scrubs.RunAsync(_fixture, _desk);
            Assert.True(report.FindingCount == 0, $"kill {kill}: {string.Join('\n', report.Findings)}");
            await AssertHeldAsync(held);
        }

        await using (await StartAsync("last"))
        {
            var expected = expired.Count + cooling.Count;
            await Eventually.HoldsAsync(
                async () => Tombstones() == expected && await ScalarAsync("SELECT count(*) FROM capture.removals") == 0, s_patience, "what the killed ones left is finished");
        }

        foreach (var chunk in expired)
        {
            Assert.True(await _chunks.IsGoneAsync(chunk), chunk.SegmentKey);
        }

        await AssertHeldAsync(held);
        Assert.Equal(0, (await Scrubs.RunAsync(_fixture, _desk)).FindingCount);
        Assert.Equal(expired.Count, await ScalarAsync("SELECT sum((detail::json->>'chunks')::int) FROM audit.entries WHERE action = 'archive.expire'"));
        Assert.Equal(cooling.Count, await ScalarAsync("SELECT sum((detail::json->>'chunks')::int) FROM audit.entries WHERE action = 'archive.warm'"));
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{kills} kills, {midway} of them with removals under way: {expired.Count} chunks went, {cooling.Count} were rewritten, {held.Count} held and whole; 0 findings"));
    }

    private async Task AddAsync(List<ChunkManifest> chunks, int count, TimeSpan age, string service)
    {
        for (var i = 0; i < count; i++)
        {
            chunks.Add(await _chunks.WriteAsync(age, service: service, spans: 20));
        }
    }

    private async Task AssertHeldAsync(List<ChunkManifest> held)
    {
        foreach (var chunk in held)
        {
            Assert.True(await _chunks.IsWholeAsync(chunk), chunk.SegmentKey);
        }
    }

    private Task<SiblingProcess> StartAsync(string name) => _fixture.StartProcessAsync(
        name,
        (KnownEnvironment.ProfilePath, _fixture.PathOf("site.yaml")),
        ("Stella__Retention__Interval", "00:00:00.100"),
        ("Stella__Retention__Lease", "00:00:02"),
        ("Stella__Retention__BatchChunks", "16"),
        ("Stella__Archive__Compaction__Enabled", "false"),
        ("Stella__Archive__Scrub__Every", "00:00:00"));

    private int Tombstones() => Directory.EnumerateFiles(Path.Combine(_fixture.ArchivePath, "archive"), "*" + ArchiveLayout.TombstoneSuffix, SearchOption.AllDirectories).Count();

    private async Task<long> ScalarAsync(string sql)
    {
        await using var command = _fixture.Database.DataSource.CreateCommand(sql);
        return Convert.ToInt64(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture);
    }
}
