using System.Text;
using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Archive.Segments;
using StellaOps.Telemetry.Archive.Tests.TestServices;
using StellaOps.Telemetry.Archive.Tombstones;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Evidence.Signing;
using StellaOps.Telemetry.Tests.Shared.Auth;

namespace StellaOps.Telemetry.Archive.Tests.Tombstones;

public sealed class TombstoneStoreTests : IDisposable
{
    private const string Rule = "tier default of tenant acme keeps traces for 30 days";

    private readonly TemporaryFolder _folder = new();
    private readonly TestIdentities _identities = new();
    private readonly FolderObjectStore _store;

    public TombstoneStoreTests() => _store = new FolderObjectStore(_folder.Path);

    [Fact]
    public async Task Remove_TheChunkIsGone_AndItsTombstoneHasItsManifestToTheByte()
    {
        var manifest = await Chunks.WriteAsync(_store, 1);
        var other = await Chunks.WriteAsync(_store, 100);

        await RemoveAsync(_store, Expired(manifest));

        var tombstone = await Store().ReadAsync(manifest.TombstoneKey, default);
        Assert.Equal(manifest.ToJson(), tombstone.Manifest.ToJson());
        Assert.Equal((TombstoneReason.Expired, Rule), (tombstone.Reason, tombstone.Rule));
        Assert.Contains("\"manifest\":" + Encoding.UTF8.GetString(manifest.ToJson()), Encoding.UTF8.GetString(tombstone.ToJson()), StringComparison.Ordinal);
        Assert.Equal([manifest.TombstoneKey, other.ManifestKey, other.SegmentKey], await Chunks.KeysAsync(_store));
        Assert.Null(await Store().FindAsync(other, default));
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(2, false)]
    [InlineData(3, false)]
    [InlineData(4, false)]
    public async Task Remove_DiesBeforeAStep_TheChunkIsWholeOrItsDeletionIsFinished(int step, bool whole)
    {
        var manifest = await Chunks.WriteAsync(_store, 1);
        var tombstone = Expired(manifest);

        await Record.ExceptionAsync(() => RemoveAsync(new CrashingStore(_store, step), tombstone));
        var finished = await Store().FinishAsync(ArchiveLayout.Root, (_, e) => Assert.Fail(e.Message), default);

        Assert.Equal(whole ? [manifest.ManifestKey, manifest.SegmentKey] : [manifest.TombstoneKey], await Chunks.KeysAsync(_store));
        Assert.Equal(step is 2 or 3 ? 1 : 0, finished.Count);
        Assert.Empty(await Store().FinishAsync(ArchiveLayout.Root, (_, e) => Assert.Fail(e.Message), default));
    }

    [Fact]
    public async Task Finish_ATombstoneThatNobodyMaySign_LeavesTheChunkAlone()
    {
        var manifest = await Chunks.WriteAsync(_store, 1);
        foreach (var name in new[] { TestIdentities.Stranger, KnownServices.IngestGateway })
        {
            var forged = Dsse.Sign(Tombstone.PayloadType, Expired(manifest).ToJson(), _identities.Key(name), withKeyId: true);
            await _store.PutAsync(manifest.TombstoneKey, new MemoryStream(forged), default);

            var reported = new List<string>();
            Assert.Empty(await Store().FinishAsync(ArchiveLayout.Root, (key, _) => reported.Add(key), default));

            Assert.Equal([manifest.TombstoneKey], reported);
            Assert.True(await _store.ExistsAsync(manifest.SegmentKey, default));
        }
    }

    [Fact]
    public async Task Finish_AStoreThatWillNotDelete_LeavesThatChunk_AndFinishesTheOthers()
    {
        var stuck = await Chunks.WriteAsync(_store, 1);
        var other = await Chunks.WriteAsync(_store, 100);
        await Record.ExceptionAsync(() => RemoveAsync(new CrashingStore(_store, 2), Expired(stuck)));
        await Record.ExceptionAsync(() => RemoveAsync(new CrashingStore(_store, 2), Expired(other)));
        var segment = Path.Combine(_folder.Path, stuck.SegmentKey);
        File.Delete(segment);
        Directory.CreateDirectory(segment);

        var left = new List<string>();
        var finished = await Store().FinishAsync(ArchiveLayout.Root, (key, _) => left.Add(key), default);

        Assert.Equal([stuck.TombstoneKey], left);
        Assert.Equal([other.SegmentKey], finished.Select(t => t.Manifest.SegmentKey));
    }

    [Fact]
    public async Task Finish_CompactedButWhatReplacedItIsNotThere_LeavesTheChunkAlone()
    {
        var manifest = await Chunks.WriteAsync(_store, 1);
        var next = await Chunks.WriteAsync(_store, 1, frames: 6);
        var tombstone = Tombstone.Compacted(manifest, [next.Segment], "small chunks are joined", Chunks.Later);
        await Record.ExceptionAsync(() => RemoveAsync(new CrashingStore(_store, 2), tombstone));
        await _store.DeleteAsync(next.ManifestKey, default);

        var reported = new List<IOException>();
        Assert.Empty(await Store().FinishAsync(ArchiveLayout.Root, (_, e) => reported.Add(e), default));

        Assert.Contains(next.Segment, Assert.Single(reported).Message, StringComparison.Ordinal);
        Assert.True(await _store.ExistsAsync(manifest.ManifestKey, default));
    }

    [Fact]
    public async Task Read_AnyByteChanged_OrInAnotherPlace_IsRefused()
    {
        var manifest = await Chunks.WriteAsync(_store, 1);
        var other = await Chunks.WriteAsync(_store, 100);
        await RemoveAsync(_store, Expired(manifest));
        var good = await File.ReadAllBytesAsync(Path.Combine(_folder.Path, manifest.TombstoneKey));

        await _store.PutAsync(other.TombstoneKey, new MemoryStream(good), default);
        Assert.Contains(manifest.Segment, (await Assert.ThrowsAsync<ArchiveDamagedException>(() => Store().ReadAsync(other.TombstoneKey, default))).What, StringComparison.Ordinal);

        for (var i = 0; i < good.Length; i += 7)
        {
            var changed = good.ToArray();
            changed[i] ^= 1;
            await File.WriteAllBytesAsync(Path.Combine(_folder.Path, manifest.TombstoneKey), changed);
            await Assert.ThrowsAsync<ArchiveDamagedException>(() => Store().ReadAsync(manifest.TombstoneKey, default));
        }
    }

    [Fact]
    public async Task TryParse_WhatToJsonCannotHaveWritten_IsRefused()
    {
        var manifest = await Chunks.WriteAsync(_store, 1);
        var text = Encoding.UTF8.GetString(Expired(manifest).ToJson());
        Assert.True(Tombstone.TryParse(Encoding.UTF8.GetBytes(text), out _));

        foreach (var (from, to) in new[]
        {
            ("\"expired\"", "\"compacted\""), ("\"expired\"", "\"Expired\""), ("\"expired\"", "0"), ("tombstone/v1", "tombstone/v2"), ("\"deletedAt\":\"", "\"deletedAt\":\"0"),
            ("\"deletedAt\":\"", "\"deletedAt\":\"x"), (Rule, ""), ("{\"deletedAt\"", "{\"a\":1,\"deletedAt\""), ("{\"deletedAt\"", "{ \"deletedAt\""), ("\"traces\"", "1"), ("\"traces\"", "\"Traces\""),
            ("chunk/v1", "chunk/v2"), (",\"rule\"", ",\"replacedBy\":[\"x\"],\"rule\""), (",\"rule\"", ",\"replacedBy\":null,\"rule\""),
        })
        {
            var changed = text.Replace(from, to, StringComparison.Ordinal);
            Assert.NotEqual(text, changed);
            Assert.False(Tombstone.TryParse(Encoding.UTF8.GetBytes(changed), out _), $"{from} -> {to}");
        }

        Assert.Throws<ArgumentException>(() => Tombstone.Compacted(manifest, [], "joined", Chunks.Later));
        Assert.Throws<ArgumentException>(() => Tombstone.Compacted(manifest, [manifest.Segment], "joined", Chunks.Later));
    }

    public void Dispose()
    {
        _identities.Dispose();
        _folder.Dispose();
    }

    private TombstoneStore Store() => new(_store, _identities.Trust);

    private Task RemoveAsync(IObjectStore store, Tombstone tombstone) =>
        new TombstoneStore(store, _identities.Trust).RemoveAsync(tombstone, _identities.Key(KnownServices.CaptureWorker), default);

    private static Tombstone Expired(ChunkManifest manifest) => Tombstone.Deleted(manifest, TombstoneReason.Expired, Rule, Chunks.Later);
}
