using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Archive.Segments;
using StellaOps.Telemetry.Archive.Tests.TestServices;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.Archive.Tests.Segments;

public sealed class SegmentTests : IDisposable
{
    // 2026-03-01T10:30:00Z
    private const long HalfPastTen = 1_772_361_000_000_000_000;
    private const long Minute = 60_000_000_000;

    private static readonly TenantId s_tenant = TenantId.Parse("acme");

    private readonly TemporaryFolder _folder = new();
    private readonly FolderObjectStore _store;

    public SegmentTests()
    {
        _store = new FolderObjectStore(_folder.Path);
    }

    [Fact]
    public async Task Complete_WritesSegmentAndManifest_WhereTheLayoutSays()
    {
        var manifest = await WriteAsync(Frame(5, HalfPastTen, Wire.Request("shop", Wire.Span(100), Wire.Span(90)), records: 2), Frame(7, HalfPastTen + Minute, Wire.Request(null, Wire.Span(300))));

        Assert.Equal($"archive/v1/acme/traces/2026/03/01/10/{manifest.Segment}.otlp.zst", manifest.SegmentKey);
        Assert.Matches("^gw-1-0000000000000005-0000000000000007-[0-9a-f]{16}-default$", manifest.Segment);
        Assert.Equal(["", "shop"], manifest.Services);
        Assert.Equal(("90", "300"), (manifest.EventFrom, manifest.EventTo));
        Assert.Equal(("5", "7"), (manifest.SequenceFrom, manifest.SequenceTo));
        Assert.Equal((3L, 2L), (manifest.Records, manifest.Batches));
        Assert.Equal((HalfPastTen, HalfPastTen + Minute), (manifest.AcceptedFromUnixNano, manifest.AcceptedToUnixNano));
        var stored = await File.ReadAllBytesAsync(PathOf(manifest.SegmentKey));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(stored)), manifest.StoredSha256);
        Assert.Equal(stored.Length, manifest.StoredBytes);
        Assert.Equal(manifest.ToJson(), await File.ReadAllBytesAsync(PathOf(manifest.ManifestKey)));
    }

    [Fact]
    public async Task Read_GivesTheFramesBack()
    {
        (Envelope Envelope, byte[] Payload)[] frames =
        [
            Frame(5, HalfPastTen, Wire.Request("shop", Wire.Span(100, 70_000))),
            (Frame(6, HalfPastTen, []).Envelope with { RecordCount = 9, Kept = [new KeptRecord(2, 0), new KeptRecord(8, 1)], Stamps = [new Stamp("errors", 1, null), new Stamp("incident", 1, "inc-1")] }, Wire.Request("shop", Wire.Span(1), Wire.Span(2))),
            (Frame(8, HalfPastTen, []).Envelope with { ReplayMark = "replay-7" }, []),
        ];
        var manifest = await WriteAsync(frames);

        var read = await ReadAsync(manifest);

        Assert.Equal(frames.Length, read.Count);
        for (var i = 0; i < frames.Length; i++)
        {
            Assert.Equal(Bytes(frames[i].Envelope), Bytes(read[i].Envelope));
            Assert.Equal(frames[i].Payload, read[i].Payload.ToArray());
        }

        Assert.Equal(1 + 2 + 1, manifest.Records);
    }

    [Fact]
    public async Task Complete_NoRecordHasAnEventTime_TheSegmentIsFoundAndRead()
    {
        var manifest = await WriteAsync(Frame(5, HalfPastTen, Wire.Request("shop", Wire.Span(0))));

        Assert.Equal((null, null), (manifest.EventFrom, manifest.EventTo));
        Assert.DoesNotContain("event", Encoding.UTF8.GetString(manifest.ToJson()), StringComparison.Ordinal);
        Assert.Equal([manifest.Segment], await FindAsync(HalfPastTen, HalfPastTen + 1));
        Assert.Single(await ReadAsync(manifest));
    }

    [Fact]
    public async Task Complete_SameFramesAgain_ReplaceThemselves_OthersStandBeside()
    {
        var frame = Frame(5, HalfPastTen, Wire.Request("shop", Wire.Span(100)));

        var first = await WriteAsync(frame);
        _ = await WriteAsync(Frame(6, HalfPastTen, Wire.Request("cart", Wire.Span(300, 50_000))));
        var again = await WriteAsync(frame);
        var other = await WriteAsync(Frame(5, HalfPastTen, Wire.Request("shop", Wire.Span(200))));

        Assert.Equal(first.ToJson(), again.ToJson());
        Assert.NotEqual(first.SegmentKey, other.SegmentKey);
        Assert.Equal(3, (await FindAsync(HalfPastTen, HalfPastTen + 1)).Count);
        Assert.Single(await ReadAsync(first));
    }

    [Fact]
    public async Task Complete_MoreThanMemoryTakes_IsTheSameSegment()
    {
        var noise = new byte[2_500_000];
        new Random(7).NextBytes(noise);
        var frames = Enumerable.Range(1, 3).Select(i => (Frame((ulong)i, HalfPastTen, []).Envelope, noise[..(i * 700_000)])).ToArray();

        var manifest = await WriteAsync(frames);
        var read = await ReadAsync(manifest);

        Assert.Equal(frames.Select(f => Convert.ToHexString(SHA256.HashData(f.Item2))), read.Select(f => Convert.ToHexString(SHA256.HashData(f.Payload.Span))));
        Assert.Equal(manifest.ToJson(), (await WriteAsync(frames)).ToJson());
    }

    [Theory]
    [InlineData("hour")]
    [InlineData("tenant")]
    [InlineData("signal")]
    [InlineData("gateway")]
    public void CanAppend_FrameOfAnother_IsRefused(string what)
    {
        using var writer = NewWriter();
        var (envelope, payload) = Frame(1, HalfPastTen, Wire.Request("shop", Wire.Span(1)));
        writer.Append(envelope, payload);

        var other = what switch
        {
            "hour" => envelope with { AcceptedAtUnixNano = HalfPastTen + (30 * Minute) },
            "tenant" => envelope with { Tenant = TenantId.Parse("globex") },
            "signal" => envelope with { Signal = Signal.Logs },
            _ => envelope with { GatewayId = "gw-2" },
        };

        Assert.True(writer.CanAppend(envelope with { AcceptedAtUnixNano = HalfPastTen + (30 * Minute) - 1 }));
        Assert.False(writer.CanAppend(other));
        Assert.Throws<ArgumentException>(() => writer.Append(other, payload));
        Assert.Equal(1, writer.Batches);
    }

    [Fact]
    public async Task Complete_ProcessDiesBetweenSegmentAndManifest_TheSegmentDoesNotExist()
    {
        var manifest = await WriteAsync(Frame(5, HalfPastTen, Wire.Request("shop", Wire.Span(100))));
        File.Delete(PathOf(manifest.ManifestKey));

        Assert.Empty(await FindAsync(HalfPastTen - (60 * Minute), HalfPastTen + (60 * Minute)));
    }

    [Fact]
    public async Task Write_Abandoned_LeavesNoFile()
    {
        var spool = Path.Combine(_folder.Path, "spool");
        using (var writer = new SegmentWriter(s_tenant, Signal.Traces, "gw-1", KnownTiers.Default, spool))
        {
            writer.Append(Frame(1, HalfPastTen, []).Envelope, new byte[3_000_000]);
            Assert.Empty(Directory.GetFileSystemEntries(spool));
        }

        await Assert.ThrowsAsync<InvalidOperationException>(() => NewWriter().CompleteAsync(_store, default));
    }

    [Fact]
    public async Task Read_AnyChangedByte_IsFound()
    {
        var manifest = await WriteAsync(Frame(5, HalfPastTen, Wire.Request("shop", Wire.Span(100))), Frame(6, HalfPastTen, Wire.Request("shop", Wire.Span(101))));
        var path = PathOf(manifest.SegmentKey);
        var whole = await File.ReadAllBytesAsync(path);

        for (var i = 0; i < whole.Length; i++)
        {
            var damaged = (byte[])whole.Clone();
            damaged[i] ^= 0x41;
            await File.WriteAllBytesAsync(path, damaged);
            await Assert.ThrowsAsync<ArchiveDamagedException>(() => ReadAsync(manifest));
        }
    }

    [Fact]
    public async Task Read_Torn_IsFoundAtEveryLength()
    {
        var manifest = await WriteAsync(Frame(5, HalfPastTen, Wire.Request("shop", Wire.Span(100))));
        var path = PathOf(manifest.SegmentKey);
        var whole = await File.ReadAllBytesAsync(path);

        for (var length = 0; length < whole.Length; length++)
        {
            await File.WriteAllBytesAsync(path, whole[..length]);
            await Assert.ThrowsAsync<ArchiveDamagedException>(() => ReadAsync(manifest));
        }

        await File.WriteAllBytesAsync(path, [.. whole, 0]);
        await Assert.ThrowsAsync<ArchiveDamagedException>(() => ReadAsync(manifest));
    }

    [Fact]
    public async Task Read_FrameThatClaimsMoreThanTheManifest_IsRefusedBeforeItIsAllocated()
    {
        var manifest = await WriteAsync(Frame(5, HalfPastTen, Wire.Request("shop", Wire.Span(100))));
        using var bomb = new MemoryStream();
        using (var zstd = new ZstdSharp.CompressionStream(bomb, leaveOpen: true))
        {
            zstd.Write([0x03, 0xff, 0xff, 0xff, 0, 0, 0, 1]);
            zstd.Write(new byte[50_000_000]);
        }

        await File.WriteAllBytesAsync(PathOf(manifest.SegmentKey), bomb.ToArray());
        var before = GC.GetTotalAllocatedBytes(precise: true);

        var e = await Assert.ThrowsAsync<ArchiveDamagedException>(() => ReadAsync(manifest));

        Assert.Contains("claims", e.What, StringComparison.Ordinal);
        Assert.True(GC.GetTotalAllocatedBytes(precise: true) - before < 20_000_000);
    }

    [Fact]
    public async Task Find_GivesSegmentsThatTouchTheWindow()
    {
        var early = await WriteAsync(Frame(1, HalfPastTen, Wire.Request("a", Wire.Span(1))), Frame(2, HalfPastTen + (10 * Minute), Wire.Request("a", Wire.Span(1))));
        var late = await WriteAsync(Frame(3, HalfPastTen + (40 * Minute), Wire.Request("a", Wire.Span(1))));

        Assert.Equal([early.Segment], await FindAsync(HalfPastTen + Minute, HalfPastTen + (2 * Minute)));
        Assert.Equal([early.Segment], await FindAsync(HalfPastTen + (10 * Minute), HalfPastTen + (40 * Minute)));
        Assert.Equal([early.Segment, late.Segment], await FindAsync(HalfPastTen, HalfPastTen + (40 * Minute) + 1));
        Assert.Empty(await FindAsync(HalfPastTen + (10 * Minute) + 1, HalfPastTen + (40 * Minute)));
        Assert.Empty(await FindAsync(HalfPastTen - Minute, HalfPastTen));
    }

    [Theory]
    [InlineData("records", 999)]
    [InlineData("tenant", "globex")]
    [InlineData("acceptedFrom", "1")]
    [InlineData("segment", "../../../etc")]
    [InlineData("schema", "https://stella-ops.org/telemetry/chunk/v2")]
    [InlineData("unknown", "field")]
    public async Task Find_ManifestThatIsNotItsPlaces_IsReported(string field, object value)
    {
        var manifest = await WriteAsync(Frame(1, HalfPastTen, Wire.Request("a", Wire.Span(1))));
        var json = JsonNode.Parse(manifest.ToJson())!.AsObject();
        json[field] = JsonValue.Create(value);
        await File.WriteAllBytesAsync(PathOf(manifest.ManifestKey), Encoding.UTF8.GetBytes(json.ToJsonString()));
        var reported = new List<ArchiveDamagedException>();

        var found = new List<ChunkManifest>();
        await foreach (var m in new ArchiveCatalog(_store).FindAsync(s_tenant, SignalNames.All, HalfPastTen, HalfPastTen + 1, reported.Add, default))
        {
            found.Add(m);
        }

        if (field == "records")
        {
            // A believable lie: found by what it says of the segment.
            Assert.Contains("content", (await Assert.ThrowsAsync<ArchiveDamagedException>(() => ReadAsync(Assert.Single(found)))).What, StringComparison.Ordinal);
            return;
        }

        Assert.Empty(found);
        Assert.Equal(manifest.ManifestKey, Assert.Single(reported).Key);
    }

    public void Dispose() => _folder.Dispose();

    private static (Envelope Envelope, byte[] Payload) Frame(ulong sequence, long acceptedAt, byte[] payload, int records = 1) => (new Envelope
    {
        GatewayId = "gw-1",
        Sequence = sequence,
        AcceptedAtUnixNano = acceptedAt,
        Tenant = s_tenant,
        Signal = Signal.Traces,
        ProfileHash = new byte[Envelope.ProfileHashLength],
        RecordCount = records,
        BatchHash = new byte[Envelope.BatchHashLength],
    }, payload);

    private static byte[] Bytes(Envelope envelope)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        envelope.WriteTo(buffer);
        return buffer.WrittenSpan.ToArray();
    }

    private SegmentWriter NewWriter() => new(s_tenant, Signal.Traces, "gw-1", KnownTiers.Default, Path.Combine(_folder.Path, "spool"));

    private async Task<ChunkManifest> WriteAsync(params (Envelope Envelope, byte[] Payload)[] frames)
    {
        using var writer = NewWriter();
        foreach (var (envelope, payload) in frames)
        {
            writer.Append(envelope, payload);
        }

        return await writer.CompleteAsync(_store, default);
    }

    private async Task<List<SegmentFrame>> ReadAsync(ChunkManifest manifest)
    {
        var frames = new List<SegmentFrame>();
        await foreach (var frame in SegmentReader.ReadAsync(_store, manifest, default))
        {
            frames.Add(frame);
        }

        return frames;
    }

    private async Task<List<string>> FindAsync(long from, long to)
    {
        var found = new List<string>();
        await foreach (var manifest in new ArchiveCatalog(_store).FindAsync(s_tenant, SignalNames.All, from, to, null, default))
        {
            found.Add(manifest.Segment);
        }

        return found;
    }

    private string PathOf(string key) => Path.Combine(_folder.Path, key);
}
