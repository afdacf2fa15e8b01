using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Archive.Segments;
using StellaOps.Telemetry.CaptureWorker.FunctionalTests.TestServices;
using StellaOps.Telemetry.CaptureWorker.Retention.Leaving;
using StellaOps.Telemetry.CaptureWorker.Retention.Policy;
using StellaOps.Telemetry.CaptureWorker.Retention.Removing;
using StellaOps.Telemetry.CaptureWorker.Retention.Sweeping;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Captures;
using StellaOps.Telemetry.Contracts.Holds;
using StellaOps.Telemetry.Profiles.Model;
using StellaOps.Telemetry.Tests.Shared.Hosting;

namespace StellaOps.Telemetry.CaptureWorker.FunctionalTests.Retention;

/// <summary>Sweepers that die at every step, and holds that come while they work.</summary>
public sealed class RetentionCrashTests : IAsyncLifetime
{
    private static readonly TimeSpan s_old = TimeSpan.FromDays(3);
    private static readonly RetentionPolicy s_policy = new("site", [new RetentionTier("sampled", TimeSpan.FromDays(2)) { WarmAfter = TimeSpan.FromHours(2) }]);
    private static readonly RetentionOptions s_options = new() { BatchChunks = 3 };
    private CaptureFixture _fixture = null!;
    private ArchiveOfChunks _chunks = null!;
    private RunningService _worker = null!;

    public async ValueTask InitializeAsync()
    {
        _fixture = await CaptureFixture.StartAsync();
        _chunks = new ArchiveOfChunks(_fixture.Archive);
        _worker = await _fixture.StartWorkerAsync("worker", ("Stella__Retention__Enabled", "false"));
    }

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Sweep_ThatDiesAtAnyBoundary_LeavesNothingHalfGone_AndAnotherOneFinishes()
    {
        var held = await _chunks.WriteAsync(s_old, service: "held");
        await Holds().AddAsync(new CreateHoldRequest(CaptureFixture.Tenant, TimeProvider.System.GetUtcNow().AddDays(-4), "law", TimeProvider.System.GetUtcNow(), ["held"]), null, CancellationToken.None);
        var (gone, boundaries) = (0, 0);
        for (var isDone = false; !isDone; boundaries++)
        {
            ChunkManifest[] expired = [await _chunks.WriteAsync(s_old), await _chunks.WriteAsync(s_old, Signal.Logs)];
            var cooling = await _chunks.WriteAsync(TimeSpan.FromHours(5), spans: 20);
            var payloads = await _chunks.PayloadsAsync(cooling);
            var dying = new DyingStore(_fixture.Archive, boundaries);
            await SweepAsync(dying);
            isDone = dying.Passed < boundaries;

            // What the sweep that died left.
            foreach (var chunk in (ChunkManifest[])[.. expired, cooling])
            {
                Assert.True(
                    await _chunks.IsWholeAsync(chunk) || await _fixture.Archive.ExistsAsync(chunk.TombstoneKey, CancellationToken.None),
                    $"boundary {boundaries}: {chunk.SegmentKey} has neither its manifest and segment, nor a tombstone");
            }

            // What another one makes of it, once the lease is out.
            await ExecuteAsync("UPDATE capture.removals SET lease_until = now() - interval '1 second'");
            await Remover(_fixture.Archive).RecoverAsync(s_options, CancellationToken.None);
            foreach (var chunk in (ChunkManifest[])[.. expired, cooling])
            {
                Assert.True(await _chunks.IsWholeAsync(chunk) || await _chunks.IsGoneAsync(chunk), $"boundary {boundaries}: {chunk.SegmentKey} is half gone");
            }

            await SweepAsync(_fixture.Archive);
            Assert.True(await _chunks.IsGoneAsync(expired[0]) && await _chunks.IsGoneAsync(expired[1]) && await _chunks.IsGoneAsync(cooling), $"boundary {boundaries}");
            var warm = await new ArchiveCatalog(_fixture.Archive).ReadAsync(
                cooling.ManifestKey.Replace(ArchiveLayout.ManifestSuffix, WarmChunk.NameSuffix + ArchiveLayout.ManifestSuffix, StringComparison.Ordinal), CancellationToken.None);
            Assert.Equal(payloads, await _chunks.PayloadsAsync(warm));
            Assert.True(await _chunks.IsWholeAsync(held));
            gone += 3;
        }

        // Two puts of the warm chunk, and three changes of each removal, two boundaries each.
        Assert.InRange(boundaries, 23, 40);
        Assert.Equal((long)gone, await ScalarAsync("SELECT sum((detail::json->>'chunks')::int) FROM audit.entries WHERE action IN ('archive.expire', 'archive.warm')"));
        Assert.Equal(0L, await ScalarAsync("SELECT count(*) FROM capture.removals"));
    }

    [Fact]
    public async Task Recover_OfWhatWasNotBegun_TakesItBack_SoThatAHoldStillWins()
    {
        var chunk = await _chunks.WriteAsync(s_old);
        await SweepAsync(new DyingStore(_fixture.Archive, 0));
        Assert.Equal(1L, await ScalarAsync("SELECT count(*) FROM capture.removals WHERE started_at IS NOT NULL"));
        await ExecuteAsync("UPDATE capture.removals SET lease_until = now() - interval '1 second'");

        // Begun, and nobody knows how far: the hold waits, then says so.
        var hold = await Holds().AddAsync(new CreateHoldRequest(CaptureFixture.Tenant, TimeProvider.System.GetUtcNow().AddDays(-4), "law", TimeProvider.System.GetUtcNow()), null, CancellationToken.None);
        Assert.Equal([$"chunk {chunk.ManifestKey} was already being deleted"], hold.Gaps);
        await Remover(_fixture.Archive).RecoverAsync(s_options, CancellationToken.None);
        await SweepAsync(_fixture.Archive);
        Assert.True(await _chunks.IsWholeAsync(chunk));
    }

    [Fact]
    public async Task Holds_ThatComeWhileTwoSweep_LoseNothingOnceTheyAreAcknowledged()
    {
        var services = Enumerable.Range(0, 60).Select(i => $"service-{i}").ToList();
        var chunks = new Dictionary<string, ChunkManifest>();
        foreach (var service in services)
        {
            chunks.Add(service, await _chunks.WriteAsync(s_old, service: service));
        }

        var sweeps = Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(() => SweepAsync(_fixture.Archive))));
        var kept = new List<ChunkManifest>();
        foreach (var service in services.AsEnumerable().Reverse().Where((_, i) => i % 4 == 0))
        {
            var hold = await Holds().AddAsync(
                new CreateHoldRequest(CaptureFixture.Tenant, TimeProvider.System.GetUtcNow().AddDays(-4), "now", TimeProvider.System.GetUtcNow(), [service]), null, CancellationToken.None);
            Assert.Empty(hold.Gaps);
            if (await _fixture.Archive.ExistsAsync(chunks[service].ManifestKey, CancellationToken.None))
            {
                kept.Add(chunks[service]);
            }
        }

        await sweeps;
        await SweepAsync(_fixture.Archive);
        foreach (var chunk in chunks.Values)
        {
            Assert.True(kept.Contains(chunk) ? await _chunks.IsWholeAsync(chunk) : await _chunks.IsGoneAsync(chunk), chunk.SegmentKey);
        }

        Assert.NotEmpty(kept);
        Assert.Equal(60L - kept.Count, await ScalarAsync("SELECT sum((detail::json->>'chunks')::int) FROM audit.entries WHERE action = 'archive.expire'"));
    }

    [Fact]
    public async Task Capture_NotDoneYet_KeepsItsInput()
    {
        var chunk = await _chunks.WriteAsync(s_old);
        var ahead = TimeProvider.System.GetUtcNow().AddHours(1);
        var job = await _fixture.Client(_worker).CreateAsync(new CreateCaptureRequest(CaptureFixture.Tenant, ahead.AddDays(-4), ahead), null, CancellationToken.None);
        await SweepAsync(_fixture.Archive);
        Assert.True(await _chunks.IsWholeAsync(chunk));

        await ExecuteAsync($"UPDATE capture.jobs SET state = 'failed' WHERE id = '{job.Id}'");
        await SweepAsync(_fixture.Archive);
        Assert.True(await _chunks.IsGoneAsync(chunk));
    }

    [Fact]
    public async Task Clocks_ThatAreApart_DeleteNothing()
    {
        var chunk = await _chunks.WriteAsync(TimeSpan.FromMinutes(5));
        await SweepAsync(_fixture.Archive, new AheadTime(TimeSpan.FromDays(30)));
        Assert.True(await _chunks.IsWholeAsync(chunk));
        Assert.Equal(0L, await ScalarAsync("SELECT count(*) FROM capture.removals"));
    }

    private Task SweepAsync(IObjectStore store, TimeProvider? time = null) => new RetentionSweeper(
        store, Removals(time), Get<LeftChunkStore>(), Remover(store, time), Get<RetentionInstruments>(), time ?? TimeProvider.System, NullLogger<RetentionSweeper>.Instance)
        .SweepAsync(s_policy, s_options, CancellationToken.None);

    private ChunkRemover Remover(IObjectStore store, TimeProvider? time = null) =>
        new(store, Removals(time), Get<SigningIdentity>(), Get<RetentionInstruments>(), time ?? TimeProvider.System, NullLogger<ChunkRemover>.Instance);

    private RemovalStore Removals(TimeProvider? time) => time is null ? Get<RemovalStore>() : ActivatorUtilities.CreateInstance<RemovalStore>(_worker.App.Services, time);

    private T Get<T>()
        where T : notnull => _worker.App.Services.GetRequiredService<T>();

    private HoldClient Holds() => new(CaptureFixture.Based(_worker, _fixture.Issuer.Mint("rita", "*", KnownScopes.CapturesCreate, KnownScopes.CapturesRead)));

    private async Task ExecuteAsync(string sql)
    {
        await using var command = _fixture.Database.DataSource.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private async Task<object?> ScalarAsync(string sql)
    {
        await using var command = _fixture.Database.DataSource.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }

    /// <summary>A clock that somebody set wrong.</summary>
    private sealed class AheadTime(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + by;
    }
}
