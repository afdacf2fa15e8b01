using System.Security.Cryptography;
using System.Text;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Evidence.Bundles;
using StellaOps.Telemetry.Evidence.Tests.TestServices;
using StellaOps.Telemetry.Tests.Shared;

namespace StellaOps.Telemetry.Evidence.Tests.Bundles;

public sealed class BundleWriterTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task Write_SameRecords_GiveTheGoldenHash()
    {
        var first = await WriteAsync("one", TestFrames.Sample(500));
        var second = await WriteAsync("two", TestFrames.Sample(500));

        Assert.Equal(first.ArchiveHash, second.ArchiveHash);

        // Changes only with the format, the Zstandard library or its level: each breaks every capture made before, so each is a decision.
        Assert.Equal("4a783bafd7b0d13fdaaf6cf8d6c4b25da013d81387874e4ac10ea632a055dfc5", first.ArchiveHash);
    }

    [Fact]
    public async Task Write_Manifest_TellsWhatFollowsFromTheFrames()
    {
        var bundle = await WriteAsync("b", [(Signal.Traces, TestFrames.Frame(5, "shop", "x")), (Signal.Traces, TestFrames.Frame(9, "", "y")), (Signal.Logs, TestFrames.Frame(7, "cart", "z"))]);

        byte[] log = [0, 0, 0, 14, .. TestFrames.Frame(7, "cart", "z")];
        byte[] traces = [0, 0, 0, 14, .. TestFrames.Frame(5, "shop", "x"), 0, 0, 0, 10, .. TestFrames.Frame(9, "", "y")];
        Assert.Equal(
            "{\"schema\":\"https://stella-ops.org/telemetry/bundle-manifest/v1\",\"signals\":{"
            + $"\"logs\":{{\"bytes\":18,\"firstEventTime\":\"7\",\"lastEventTime\":\"7\",\"records\":1,\"services\":[\"cart\"],\"sha256\":\"{Hex(log)}\"}},"
            + $"\"traces\":{{\"bytes\":32,\"firstEventTime\":\"5\",\"lastEventTime\":\"9\",\"records\":2,\"services\":[\"shop\"],\"sha256\":\"{Hex(traces)}\"}}}}}}",
            Encoding.UTF8.GetString(bundle.Manifest.ToJson()));
    }

    [Fact]
    public async Task Write_StockTarAndZstd_UnpackIt()
    {
        var frames = TestFrames.Sample(20);
        var bundle = await WriteAsync("b", frames);
        var tar = ExternalTool.Require("tar");
        ExternalTool.Require("zstd");

        var listed = await ExternalTool.RunAsync(tar, ["--zstd", "-tvf", bundle.Parts[0].FileName], _folder.Path, new Dictionary<string, string> { ["TZ"] = "UTC", ["LC_ALL"] = "C" });
        var unpacked = await ExternalTool.RunAsync(tar, ["--zstd", "-xf", bundle.Parts[0].FileName], _folder.Path);

        Assert.Equal((0, 0), (listed.ExitCode, unpacked.ExitCode));
        Assert.Equal(["data/logs.otlp", "data/metrics.otlp", "data/traces.otlp", "manifest.json"], listed.Output.Trim().Split('\n').Select(l => l.Split(' ')[^1]));
        Assert.All(listed.Output.Trim().Split('\n'), l => Assert.Matches(@"^-rw-r--r-- 0/0 +\d+ 1970-01-01 00:00 ", l));
        Assert.Equal(bundle.Manifest.ToJson(), await File.ReadAllBytesAsync(_folder.At("manifest.json")));
        Assert.Equal(bundle.Manifest.Signals["logs"].Sha256, Hex(await File.ReadAllBytesAsync(_folder.At("data/logs.otlp"))));
    }

    [Fact]
    public async Task Write_Empty_IsABundleOfNothing()
    {
        var bundle = await WriteAsync("b", []);

        Assert.Empty(bundle.Manifest.Signals);
        Assert.Empty((await ReadAsync("b")).Frames);
    }

    [Theory]
    [InlineData(3_000)]
    [InlineData(6_000)]
    [InlineData(1)]
    public async Task Write_MoreThanAPartTakes_CutsBetweenFrames(long maxPartBytes)
    {
        var frames = TestFrames.Sample(40);
        var writer = new BundleWriter(new TestFrames(), _folder.Path) { MaxPartBytes = maxPartBytes };

        var bundle = await writer.WriteAsync(_folder.Path, "b", TestFrames.Of(frames), default);

        Assert.Equal(Enumerable.Range(1, bundle.Parts.Count).Select(i => $"b.part{i:0000}.tar.zst"), bundle.Parts.Select(p => p.FileName));
        if (maxPartBytes > 1)
        {
            Assert.All(bundle.Parts, p => Assert.InRange(Unpacked(p), 1, maxPartBytes));
        }

        var lines = string.Concat(bundle.Parts.Select(p => $"{Hex(File.ReadAllBytes(_folder.At(p.FileName)))}  {p.FileName["b.".Length..]}\n"));
        Assert.Equal(Hex(Encoding.ASCII.GetBytes(lines)), bundle.ArchiveHash);

        var (read, manifest) = await ReadAsync("b");
        Assert.Equal(frames.OrderBy(f => f.Signal.ToName(), StringComparer.Ordinal).Select(f => Convert.ToHexString(f.Frame)), read.Select(f => Convert.ToHexString(f.Frame)));
        Assert.Equal((await WriteAsync("whole", frames)).Manifest.ToJson(), manifest.ToJson());
        Assert.Equal(bundle.Parts.Count + 1, Directory.GetFiles(_folder.Path).Length);
    }

    [Fact]
    public async Task Write_OutOfOrder_IsRefused_AndLeavesNothing()
    {
        var e = await Assert.ThrowsAsync<ArgumentException>(() => WriteAsync("b", [(Signal.Logs, TestFrames.Frame(9, "s", "x")), (Signal.Logs, TestFrames.Frame(8, "s", "x"))]));

        Assert.StartsWith("frame 2 of logs: it stands after one that it must precede", e.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task Write_FrameThatIsNotCanonical_IsRefused() =>
        await Assert.ThrowsAsync<ArgumentException>(() => WriteAsync("b", [(Signal.Logs, [1, 2, 3])]));

    [Theory]
    [InlineData("")]
    [InlineData("../b")]
    [InlineData(".b")]
    [InlineData("-b")]
    [InlineData("a/b")]
    [InlineData("b.part0001")]
    [InlineData("b.tar.zst")]
    [InlineData("b\n")]
    public async Task Write_NameThatIsNone_IsRefused(string name) => await Assert.ThrowsAsync<ArgumentException>(() => WriteAsync(name, []));

    public void Dispose() => _folder.Dispose();

    private static string Hex(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));

    private Task<WrittenBundle> WriteAsync(string name, (Signal Signal, byte[] Frame)[] frames) =>
        new BundleWriter(new TestFrames(), _folder.Path).WriteAsync(_folder.Path, name, TestFrames.Of(frames), default);

    private long Unpacked(BundlePart part)
    {
        using var tar = new ZstdSharp.DecompressionStream(File.OpenRead(_folder.At(part.FileName)), leaveOpen: false);
        using var all = new MemoryStream();
        tar.CopyTo(all);
        return all.Length;
    }

    private async Task<(List<(Signal Signal, byte[] Frame)> Frames, BundleManifest Manifest)> ReadAsync(string name)
    {
        var reader = new BundleReader(BundleFiles.Locate(_folder.At(name)));
        var frames = new List<(Signal, byte[])>();
        await foreach (var frame in reader.ReadAsync(default))
        {
            frames.Add((frame.Signal, frame.Bytes.ToArray()));
        }

        return (frames, reader.Manifest!);
    }
}
