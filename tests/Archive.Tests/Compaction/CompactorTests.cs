using StellaOps.Telemetry.Archive.Compaction;
using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Archive.Segments;
using StellaOps.Telemetry.Archive.Tests.TestServices;
using StellaOps.Telemetry.Archive.Tombstones;

namespace StellaOps.Telemetry.Archive.Tests.Compaction;

public sealed class CompactorTests : IDisposable
{
    private readonly TestArchive _archive = new();
    private readonly MemoryStore _store = new();

    [Fact]
    public async Task Run_JoinsWhatIsSmall_PerGatewayAndTier_AndLosesNothing()
    {
        for (var i = 0; i < 4; i++)
        {
            await Chunks.WriteAsync(_store, (ulong)(100 * (i + 1)));
            await Chunks.WriteAsync(_store, (ulong)(100 * (i + 1)), gateway: "gw-2");
        }

        var promoted = await Chunks.WriteAsync(_store, 100, tier: KnownTiers.Promoted);
        var other = await Chunks.WriteAsync(_store, 100, acceptedAt: Chunks.HalfPastTen + (60 * Chunks.Minute));
        var before = await Records.OfAsync(_store);
        await _archive.RootAsync(_store);

        var results = await _archive.CompactAsync(_store);

        Assert.Equal([("gw-1", 4, 24L), ("gw-2", 4, 24L)], results.Select(r => (r.By.GatewayId, r.Replaced.Count, r.By.Records)));
        Assert.Equal(("100", "402"), (results[0].By.SequenceFrom, results[0].By.SequenceTo));
        Assert.Equal(before, await Records.OfAsync(_store));
        Assert.True(await _store.ExistsAsync(promoted.SegmentKey, default) && await _store.ExistsAsync(other.SegmentKey, default));
        var report = await _archive.AssertSoundAsync(_store);
        Assert.Equal((4L, 8L, 2L), (report.Chunks, report.Tombstones, report.Unrooted));
        Assert.Empty(await _archive.CompactAsync(_store));

        // The joined chunks are chunks of the day, and the old ones stay proven.
        var root = Assert.Single(await _archive.RootAsync(_store));
        Assert.Equal("12", root.Leaves);
        Assert.Equal(0, (await _archive.AssertSoundAsync(_store)).Unrooted);
    }

    [Fact]
    public async Task Run_FewOrLargeChunks_AreLeftAlone_AndWhatIsJoinedHasABound()
    {
        var large = await Chunks.WriteAsync(_store, 1, frames: 400);
        var small = new List<ChunkManifest>();
        for (var i = 0; i < 5; i++)
        {
            small.Add(await Chunks.WriteAsync(_store, (ulong)(1000 * (i + 1))));
        }

        Assert.Empty(await _archive.CompactAsync(_store, new CompactionRules(large.StoredBytes - 1, long.MaxValue, 6)));
        var results = await _archive.CompactAsync(_store, new CompactionRules(large.StoredBytes - 1, (2 * small[0].ContentBytes) + 10, 2));

        Assert.Equal([2, 2], results.Select(r => r.Replaced.Count));
        Assert.True(await _store.ExistsAsync(large.SegmentKey, default) && await _store.ExistsAsync(small[4].SegmentKey, default));
    }

    [Fact]
    public async Task Run_WarmChunks_StayAsTheyAre()
    {
        for (var i = 0; i < 3; i++)
        {
            var hot = await Chunks.WriteAsync(_store, (ulong)(100 * (i + 1)));
            await WarmChunk.WriteAsync(_store, hot, Path.GetTempPath(), default);
            await _archive.RemoveAsync(_store, hot);
        }

        Assert.Empty(await _archive.CompactAsync(_store));
        Assert.Equal(3, (await _archive.AssertSoundAsync(_store)).Chunks);
    }

    [Fact]
    public async Task Run_ADamagedChunk_StaysAsItIs_AndTheRestIsJoined()
    {
        var chunks = new[] { await Chunks.WriteAsync(_store, 100), await Chunks.WriteAsync(_store, 200), await Chunks.WriteAsync(_store, 300) };
        _store[chunks[1].SegmentKey] = [.. _store[chunks[1].SegmentKey][..^1], 7];
        var damaged = new List<string>();

        var result = Assert.Single(await _archive.CompactAsync(_store, onLeft: (key, _) => damaged.Add(key)));

        Assert.Equal([chunks[1].SegmentKey], damaged);
        Assert.Equal([chunks[0].Segment, chunks[2].Segment], result.Replaced.Select(c => c.Segment));
        Assert.True(await _store.ExistsAsync(chunks[1].ManifestKey, default));
    }

    [Fact]
    public async Task Run_DiesBeforeAnyStep_NothingIsWrongOrLost_AndTheNextOneEndsIt()
    {
        for (var i = 0; i < 3; i++)
        {
            await Chunks.WriteAsync(_store, (ulong)(100 * (i + 1)));
        }

        await _archive.RootAsync(_store);
        var before = await Records.OfAsync(_store);
        for (var step = 1; ; step++)
        {
            var store = new MemoryStore(_store);
            var died = await Record.ExceptionAsync(() => _archive.CompactAsync(new CrashingStore(store, step)));
            await _archive.AssertSoundAsync(store);
            Assert.Equal(before, await Records.OfAsync(store));
            if (died is null)
            {
                // 2 of the joined chunk, 3 of each old one.
                Assert.Equal(2 + 9 + 1, step);
                break;
            }

            Assert.IsType<CrashException>(died);

            // A root may come in between, and another chunk.
            await _archive.RootAsync(store);
            await _archive.CompactAsync(store);
            Assert.Equal(before, await Records.OfAsync(store));
            await _archive.RootAsync(store);
            var report = await _archive.AssertSoundAsync(store);
            Assert.Equal((1L, 0L), (report.Chunks, report.Unrooted));
            Assert.Empty(report.Notes);
        }
    }

    [Fact]
    public async Task Run_WhatAnEarlierOneThatDiedLeft_IsNotJoinedTwice()
    {
        await Chunks.WriteAsync(_store, 100);
        await Chunks.WriteAsync(_store, 200);
        await Record.ExceptionAsync(() => _archive.CompactAsync(new CrashingStore(_store, 3)));
        await Chunks.WriteAsync(_store, 300);

        var result = Assert.Single(await _archive.CompactAsync(_store));

        Assert.Equal((9L, 18L), (result.By.Batches, result.By.Records));
        Assert.Equal(4, result.Replaced.Count);
    }

    [Fact]
    public async Task Find_WhileChunksAreJoined_MissesNothing_WheneverItHappens()
    {
        for (var i = 0; i < 3; i++)
        {
            await Chunks.WriteAsync(_store, (ulong)(100 * (i + 1)));
        }

        var before = await Records.OfAsync(_store);
        for (var call = 1; ; call++)
        {
            // The compactor runs right before the reader's n-th look at the store; then what was joined is joined with one more.
            var store = new MemoryStore(_store);
            var (calls, meddled) = (0, 0);
            store.Before = async _ =>
            {
                calls++;
                if (meddled < 2 && calls >= call)
                {
                    meddled++;
                    store.Before = null;
                    await _archive.CompactAsync(store);
                    await Chunks.WriteAsync(store, 900);
                    store.Before = async _ =>
                    {
                        store.Before = null;
                        await _archive.CompactAsync(store);
                    };
                }
            };

            var seen = await Records.OfAsync(store);

            Assert.Superset(before, seen);
            if (meddled == 0)
            {
                Assert.True(call > 6, "the reader was never met");
                break;
            }
        }
    }

    [Fact]
    public async Task Find_TheListingSawNeitherTheOldOnesNorTheNew_TheNextOneDoes()
    {
        // As a folder is read while it changes: the old names were not returned any more, the new one not yet.
        var chunks = new[] { await Chunks.WriteAsync(_store, 100), await Chunks.WriteAsync(_store, 200) };
        var joined = Assert.Single(await _archive.CompactAsync(_store)).By;
        var stale = new StaleListing(_store, key => key != joined.ManifestKey && !key.EndsWith(ArchiveLayout.TombstoneSuffix, StringComparison.Ordinal));

        Assert.Equal(12, (await Records.OfAsync(stale)).Count);
        Assert.Equal(joined.Segment, Assert.Single(await new ArchiveCatalog(_store).FindReplacementsAsync(chunks[0], default)).Segment);
    }

    [Fact]
    public async Task FindReplacements_TakenByRetention_IsNone_AndGoneWithoutTombstone_IsDamage()
    {
        var expired = await Chunks.WriteAsync(_store, 100);
        var lost = await Chunks.WriteAsync(_store, 200);
        await _archive.RemoveAsync(_store, expired);
        _store.Remove(lost.SegmentKey);
        var catalog = new ArchiveCatalog(_store);

        Assert.Empty(await catalog.FindReplacementsAsync(expired, default));
        Assert.Equal(lost.SegmentKey, (await Assert.ThrowsAsync<ArchiveDamagedException>(() => catalog.FindReplacementsAsync(lost, default))).Key);
        Assert.Equal(TombstoneReason.Expired, (await new TombstoneStore(_store, _archive.Trust).FindAsync(expired, default))!.Reason);
    }

    public void Dispose() => _archive.Dispose();

    /// <summary>The first listing with anything in it hides some keys.</summary>
    private sealed class StaleListing(IObjectStore inner, Func<string, bool> shows) : IObjectStore
    {
        private bool _hid;

        public Task PutAsync(string key, Stream content, CancellationToken cancellationToken) => inner.PutAsync(key, content, cancellationToken);

        public Task<Stream> OpenReadAsync(string key, CancellationToken cancellationToken) => inner.OpenReadAsync(key, cancellationToken);

        public Task<bool> ExistsAsync(string key, CancellationToken cancellationToken) => inner.ExistsAsync(key, cancellationToken);

        public Task DeleteAsync(string key, CancellationToken cancellationToken) => inner.DeleteAsync(key, cancellationToken);

        public async IAsyncEnumerable<ObjectInfo> ListAsync(string prefix, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
        {
            var hides = !_hid;
            await foreach (var found in inner.ListAsync(prefix, cancellationToken))
            {
                _hid = true;
                if (!hides || shows(found.Key))
                {
                    yield return found;
                }
            }
        }
    }
}
