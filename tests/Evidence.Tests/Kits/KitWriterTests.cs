using StellaOps.Telemetry.Evidence.Kits;
using StellaOps.Telemetry.Evidence.Tests.TestServices;
using StellaOps.Telemetry.Tests.Shared;

namespace StellaOps.Telemetry.Evidence.Tests.Kits;

public sealed class KitWriterTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task Write_SameFiles_GiveTheGoldenHash()
    {
        var files = TestKit.Files();
        var first = await KitWriter.WriteAsync(_folder.At("a.tar.zst"), TestKit.Manifest(files), f => new MemoryStream(files[f.Path]), null, default);
        var second = await KitWriter.WriteAsync(_folder.At("b.tar.zst"), TestKit.Manifest(files), f => new MemoryStream(files[f.Path]), null, default);

        Assert.Equal(first, second);

        // Changes only with the format, the Zstandard library or its parameters: kits built before can then no longer be built again.
        Assert.Equal("4ae2444f421177ee879d716155a92274d7bf53d32998f1a17b8257bdcca1b70d", first);
    }

    [Fact]
    public async Task Write_AnyTar_UnpacksIt()
    {
        var files = TestKit.Files();
        await KitWriter.WriteAsync(_folder.At("a.tar.zst"), TestKit.Manifest(files), f => new MemoryStream(files[f.Path]), null, default);

        var unpacked = Directory.CreateDirectory(_folder.At("out")).FullName;
        var tar = await ExternalTool.RunAsync("/bin/sh", ["-c", $"zstd -qdc '{_folder.At("a.tar.zst")}' | tar -xf - -C '{unpacked}'"]);

        Assert.True(tar.ExitCode == 0, tar.Error);
        Assert.Equal([KitFormat.ManifestEntry, .. files.Keys], Directory.EnumerateFiles(unpacked, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(unpacked, f)).OrderBy(f => f == KitFormat.ManifestEntry ? "" : f, StringComparer.Ordinal));
        Assert.All(files, f => Assert.Equal(f.Value, File.ReadAllBytes(Path.Combine(unpacked, f.Key))));
        Assert.Equal(UnixFileMode.UserExecute, File.GetUnixFileMode(Path.Combine(unpacked, "bin/stella")) & UnixFileMode.UserExecute);
    }

    [Fact]
    public async Task Write_FileThatChangedSince_IsRefusedAndLeavesNothing()
    {
        var files = TestKit.Files();
        var manifest = TestKit.Manifest(files);
        files["docs/index.html"] = "<p>other</p>"u8.ToArray();

        var e = await Assert.ThrowsAsync<KitInvalidException>(() => KitWriter.WriteAsync(_folder.At("a.tar.zst"), manifest, f => new MemoryStream(files[f.Path]), null, default));

        Assert.StartsWith("docs/index.html: ", e.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Theory]
    [InlineData("/etc/passwd")]
    [InlineData("../up")]
    [InlineData("a//b")]
    [InlineData("a/./b")]
    [InlineData("a/../b")]
    [InlineData(".hidden")]
    [InlineData("-option")]
    [InlineData("kit.json")]
    [InlineData("with space")]
    [InlineData("näme")]
    [InlineData("a/")]
    public async Task Write_PathThatLeadsElsewhere_IsRefused(string path)
    {
        var files = new Dictionary<string, byte[]> { [path] = [1] };

        await Assert.ThrowsAsync<KitInvalidException>(() => KitWriter.WriteAsync(_folder.At("a.tar.zst"), TestKit.Manifest(files), f => new MemoryStream(files[f.Path]), null, default));
    }

    public void Dispose() => _folder.Dispose();
}
