using System.IO.Compression;
using StellaOps.Telemetry.IngestGateway.Admission;
using ZstdSharp;

namespace StellaOps.Telemetry.IngestGateway.Tests.Admission;

public sealed class BodyDecompressorTests
{
    private const int Limit = 200_000;

    [Theory]
    [InlineData("Gzip", 1)]
    [InlineData("Gzip", Limit)]
    [InlineData("Zstd", 0)]
    [InlineData("Zstd", 1)]
    [InlineData("Zstd", Limit)]
    public void Decompress_UpToTheLimit_GivesTheBytes(string name, int length)
    {
        var encoding = Enum.Parse<ContentEncoding>(name);
        var data = Random(length);

        var (status, output, held) = Decompress(encoding, Compress(encoding, data));

        Assert.Equal(IngestStatus.Accepted, status);
        Assert.Equal(data, output);
        Assert.Equal(0, held);
    }

    [Theory]
    [InlineData("Gzip", Limit + 1)]
    [InlineData("Gzip", 100_000_000)]
    [InlineData("Zstd", Limit + 1)]
    [InlineData("Zstd", 100_000_000)]
    public void Decompress_AboveTheLimit_StopsThere(string name, int length)
    {
        var encoding = Enum.Parse<ContentEncoding>(name);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var bomb = Compress(encoding, new byte[length]);
        var made = GC.GetAllocatedBytesForCurrentThread() - before;
        before = GC.GetAllocatedBytesForCurrentThread();

        var (status, _, held) = Decompress(encoding, bomb);

        Assert.Equal(IngestStatus.DecompressedTooLarge, status);
        Assert.Equal(0, held);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 4_000_000, $"a bomb of {length} bytes ({made} to make) cost more than the limit");
    }

    [Theory]
    [InlineData("Gzip")]
    [InlineData("Zstd")]
    public void Decompress_EveryTruncation_IsBadCompression(string name)
    {
        var encoding = Enum.Parse<ContentEncoding>(name);
        var whole = Compress(encoding, Random(3000));

        for (var length = 1; length < whole.Length; length += length < 40 || length > whole.Length - 40 ? 1 : 97)
        {
            Assert.True(Decompress(encoding, whole[..length]).Status == IngestStatus.BadCompression, $"{length} of {whole.Length} bytes");
        }
    }

    [Theory]
    [InlineData("Gzip")]
    [InlineData("Zstd")]
    public void Decompress_SomethingElse_IsBadCompression(string name)
    {
        var encoding = Enum.Parse<ContentEncoding>(name);
        Assert.Equal(IngestStatus.BadCompression, Decompress(encoding, "not compressed at all"u8.ToArray()).Status);
        Assert.Equal(IngestStatus.BadCompression, Decompress(encoding, [.. Compress(encoding, Random(100)), 1, 2, 3]).Status);
        Assert.Equal(IngestStatus.BadCompression, Decompress(encoding, Compress(encoding == ContentEncoding.Gzip ? ContentEncoding.Zstd : ContentEncoding.Gzip, Random(100))).Status);
    }

    [Fact]
    public void Decompress_ZstdFrameThatClaimsAHugeWindow_IsRefused()
    {
        using var compressor = new Compressor();
        compressor.SetParameter(ZstdSharp.Unsafe.ZSTD_cParameter.ZSTD_c_windowLog, 27);
        compressor.SetParameter(ZstdSharp.Unsafe.ZSTD_cParameter.ZSTD_c_contentSizeFlag, 0);
        using var stream = new MemoryStream();
        using (var zstd = new CompressionStream(stream, compressor, leaveOpen: true))
        {
            zstd.Write(new byte[1000]);
        }

        Assert.Equal(IngestStatus.BadCompression, Decompress(ContentEncoding.Zstd, stream.ToArray()).Status);
    }

    [Fact]
    public void Decompress_BudgetExhausted_IsOverloaded()
    {
        var budget = new InFlightBudget(1000);
        using var output = new PooledBody(budget, Limit, IngestStatus.DecompressedTooLarge);

        Assert.Equal(IngestStatus.Overloaded, BodyDecompressor.Decompress(ContentEncoding.Gzip, Compress(ContentEncoding.Gzip, Random(5000)), output));
        Assert.Equal(0, budget.Held);
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("identity", true)]
    [InlineData("gzip", true)]
    [InlineData("zstd", true)]
    [InlineData("br", false)]
    [InlineData("gzip, gzip", false)]
    public void TryParse_Encoding_KnowsThree(string name, bool known) => Assert.Equal(known, BodyDecompressor.TryParse(name, out _));

    private static (IngestStatus Status, byte[] Output, long Held) Decompress(ContentEncoding encoding, byte[] compressed)
    {
        var budget = new InFlightBudget(1 << 30);
        IngestStatus status;
        byte[] bytes;
        using (var output = new PooledBody(budget, Limit, IngestStatus.DecompressedTooLarge))
        {
            status = BodyDecompressor.Decompress(encoding, compressed, output);
            bytes = output.Span.ToArray();
        }

        return (status, bytes, budget.Held);
    }

    private static byte[] Compress(ContentEncoding encoding, byte[] data)
    {
        using var stream = new MemoryStream();
        using (Stream compressor = encoding == ContentEncoding.Gzip ? new GZipStream(stream, CompressionLevel.Fastest, leaveOpen: true) : new CompressionStream(stream, leaveOpen: true))
        {
            compressor.Write(data);
        }

        return stream.ToArray();
    }

    private static byte[] Random(int length)
    {
        var data = new byte[length];
        new Random(7).NextBytes(data);
        return data;
    }
}
