using System.Security.Cryptography;
using System.Text;
using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Archive.Roots;
using StellaOps.Telemetry.Archive.Tests.TestServices;
using StellaOps.Telemetry.Contracts.Archive;

namespace StellaOps.Telemetry.Archive.Tests.Roots;

public sealed class RootWriterTests : IDisposable
{
    private readonly TestArchive _archive = new();
    private readonly MemoryStore _store = new();

    [Fact]
    public async Task Renew_OnlyWhenADayChanged_AndALaterRootBeginsWithTheEarlierLeaves()
    {
        await Chunks.WriteAsync(_store, 100);
        await Chunks.WriteAsync(_store, 200);
        var first = Assert.Single(await _archive.RootAsync(_store));
        Assert.Empty(await _archive.RootAsync(_store));

        // A chunk that sorts before the others, and one of another day.
        var late = await Chunks.WriteAsync(_store, 1);
        await Chunks.WriteAsync(_store, 300, acceptedAt: Chunks.HalfPastTen - (24 * 60 * Chunks.Minute));
        var more = await _archive.RootAsync(_store, null, TestArchive.Day.AddDays(-1), TestArchive.Day);

        Assert.Equal(("1", "2", null, null), (first.Number, first.Leaves, first.Previous, first.Continues));
        Assert.Equal([("2", "2026-02-28", "1", first.Sha256, null), ("3", "2026-03-01", "3", more[0].Sha256, "1")], more.Select(r => (r.Number, r.Day, r.Leaves, r.Previous!, r.Continues)));
        var leaves = await new RootStore(_store, _archive.Trust).ReadLeavesAsync(more[1], f => Assert.Fail(f.ToString()), default);
        var earlier = await new RootStore(_store, _archive.Trust).ReadLeavesAsync(first, f => Assert.Fail(f.ToString()), default);
        Assert.Equal(earlier, leaves!.Take(2));
        Assert.Equal(late.ManifestKey, leaves![2].ManifestKey);
        await _archive.AssertSoundAsync(_store, new RootHead(3, more[1].Sha256));
    }

    [Fact]
    public async Task Renew_ChunksThatWereTakenAway_AreLeavesToo()
    {
        var gone = await Chunks.WriteAsync(_store, 1);
        await Chunks.WriteAsync(_store, 100);
        await _archive.RemoveAsync(_store, gone);

        var root = Assert.Single(await _archive.RootAsync(_store));

        var leaves = await new RootStore(_store, _archive.Trust).ReadLeavesAsync(root, f => Assert.Fail(f.ToString()), default);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(gone.ToJson())), leaves!.Single(l => l.ManifestKey == gone.ManifestKey).Sha256);
    }

    [Fact]
    public async Task Renew_ChainIsNotWhole_WritesNothing()
    {
        await Chunks.WriteAsync(_store, 1);
        var root = Assert.Single(await _archive.RootAsync(_store));
        await Chunks.WriteAsync(_store, 100);
        var before = _store.Objects.Count;

        await Assert.ThrowsAsync<RootChainDamagedException>(() => _archive.RootAsync(_store, new RootHead(2, root.Sha256)));
        _store.Remove(root.AttestationKey);
        await Assert.ThrowsAsync<RootChainDamagedException>(() => _archive.RootAsync(_store));

        Assert.Equal(before - 1, _store.Objects.Count);
    }

    [Fact]
    public async Task Renew_DiesBeforeAnyStep_TheNextOneWritesTheSameChain()
    {
        await Chunks.WriteAsync(_store, 1);
        await _archive.RootAsync(_store);
        await Chunks.WriteAsync(_store, 100);
        for (var step = 1; ; step++)
        {
            var store = new MemoryStore(_store);
            var crashing = new CrashingStore(store, step);
            var died = await Record.ExceptionAsync(() => _archive.RootAsync(crashing));
            await _archive.AssertSoundAsync(store);
            if (died is null)
            {
                Assert.Equal(4, step);
                break;
            }

            Assert.IsType<CrashException>(died);
            await _archive.RootAsync(store);
            var chain = await _archive.ChainAsync(store);
            Assert.Equal((2, "2"), (chain.Roots.Count, chain.Head!.Leaves));
            Assert.Empty((await _archive.AssertSoundAsync(store)).Notes);
        }
    }

    [Fact]
    public async Task Proof_OfEachChunk_HoldsWithTheKeyAlone_AlsoAfterItWasTakenAway()
    {
        var manifests = new[] { await Chunks.WriteAsync(_store, 1), await Chunks.WriteAsync(_store, 100), await Chunks.WriteAsync(_store, 200) };
        await _archive.RootAsync(_store);
        await _archive.RemoveAsync(_store, manifests[1]);
        var finder = new ProofFinder(_store, _archive.Trust);

        foreach (var manifest in manifests)
        {
            foreach (var name in new[] { manifest.SegmentKey, manifest.ManifestKey, manifest.TombstoneKey })
            {
                var json = (await finder.FindAsync(name, default)).ToJson();

                Assert.True(InclusionProof.TryParse(json, out var proof));
                Assert.Equal(manifest.Segment, proof.Manifest.Segment);
                Assert.Null(proof.FindFault([_archive.Key.Public]));
                Assert.NotNull(proof.FindFault([_archive.Stranger.Public]));
                Assert.NotNull((proof with { LeafIndex = "7" }).FindFault([_archive.Key.Public]));
                Assert.NotNull((proof with { Manifest = manifest with { Records = 7 } }).FindFault([_archive.Key.Public]));
                Assert.NotNull((proof with { Root = proof.Root with { Leaves = "4" } }).FindFault([_archive.Key.Public]));
            }
        }

        var unrooted = await Chunks.WriteAsync(_store, 300);
        Assert.Contains("no root", (await Assert.ThrowsAsync<ProofNotFoundException>(() => finder.FindAsync(unrooted.SegmentKey, default))).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ProofNotFoundException>(() => finder.FindAsync("archive/v1/acme/traces/2026/03/01/10/nothing.otlp.zst", default));
    }

    [Fact]
    public async Task Proof_AnyByteChanged_IsRefusedOrDoesNotHold()
    {
        var manifest = await Chunks.WriteAsync(_store, 1);
        await Chunks.WriteAsync(_store, 100);
        await _archive.RootAsync(_store);
        var json = (await new ProofFinder(_store, _archive.Trust).FindAsync(manifest.SegmentKey, default)).ToJson();

        for (var i = 0; i < json.Length; i += 3)
        {
            var changed = json.ToArray();
            changed[i] ^= 1;
            Assert.False(InclusionProof.TryParse(changed, out var proof) && proof.FindFault([_archive.Key.Public]) is null, $"byte {i}: {Encoding.UTF8.GetString(changed)}");
        }
    }

    [Fact]
    public async Task Leaves_AreCheckedBySha256Sum_AndRootsByStockCosign()
    {
        using var folder = new TemporaryFolder();
        var store = new FolderObjectStore(folder.Path);
        await Chunks.WriteAsync(store, 1);
        var root = Assert.Single(await _archive.RootAsync(store));

        await StockTools.AssertSha256SumAsync(folder.Path, root.LeavesKey);
        await StockTools.AssertAttestedAsync(folder.Path, root, _archive.Key.Public);
    }

    public void Dispose() => _archive.Dispose();
}
