using System.Text;
using StellaOps.Telemetry.Evidence.Bundles;
using StellaOps.Telemetry.Evidence.Kits;
using StellaOps.Telemetry.Evidence.Tests.TestServices;

namespace StellaOps.Telemetry.Evidence.Tests.Kits;

/// <summary>Archives that only somebody else can have written.</summary>
public sealed class KitReaderTests : IDisposable
{
    private static readonly SortedDictionary<string, byte[]> s_files = new(StringComparer.Ordinal) { ["a"] = [1, 2, 3], ["b/c"] = [4] };

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string, string> Tricks { get; } = new()
    {
        { "sound", "" },
        { "link", "is not a plain file" },
        { "absolute", "is not a plain file" },
        { "upward", "is not a plain file" },
        { "folder", "is not a plain file" },
        { "owner", "is not a plain file" },
        { "setuid", "is not a plain file" },
        { "missing", "is missing" },
        { "more", "does not name 'z'" },
        { "twice", "stands where the manifest names" },
        { "disorder", "stands where the manifest names" },
        { "mode", "stands where the manifest names" },
        { "larger", "stands where the manifest names" },
        { "content", "is not what the manifest says" },
        { "padding", "padding is not zero" },
        { "after", "goes on after its end" },
        { "short", "ends too early" },
        { "manifest last", "first entry is not" },
        { "manifest long", "first entry is not" },
        { "manifest form", "not a canonical manifest" },
        { "second frame", "not exactly one whole Zstandard frame" },
        { "cut", "not exactly one whole Zstandard frame" },
    };

    [Theory]
    [MemberData(nameof(Tricks))]
    public async Task Read_Trick_IsRefused(string trick, string says)
    {
        var path = _folder.At("kit.tar.zst");
        TestKit.WriteArchive(path, Blocks(trick));
        if (trick == "second frame")
        {
            TestKit.WriteArchive(path + "2", [new byte[512]]);
            await File.AppendAllBytesAsync(path, await File.ReadAllBytesAsync(path + "2"));
        }
        else if (trick == "cut")
        {
            await File.WriteAllBytesAsync(path, (await File.ReadAllBytesAsync(path))[..^3]);
        }

        var written = new List<string>();
        Stream Create(KitFile file)
        {
            written.Add(file.Path);
            return new MemoryStream();
        }

        if (says.Length == 0)
        {
            await KitReader.ReadAsync(path, null, Create, null, default);
            Assert.Equal(s_files.Keys, written);
            return;
        }

        var e = await Assert.ThrowsAsync<KitInvalidException>(() => KitReader.ReadAsync(path, null, Create, null, default));
        Assert.Contains(says, e.Message, StringComparison.Ordinal);
        Assert.All(written, w => Assert.Contains(w, s_files.Keys));
    }

    [Fact]
    public async Task Read_OtherManifestThanTheSigned_IsRefusedBeforeAnythingIsWritten()
    {
        TestKit.WriteArchive(_folder.At("kit.tar.zst"), Blocks("sound"));

        var e = await Assert.ThrowsAsync<KitInvalidException>(() => KitReader.ReadAsync(_folder.At("kit.tar.zst"), new string('0', 64), _ => throw new InvalidOperationException(), null, default));

        Assert.Contains("the attestation names", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_Bomb_StopsAtWhatTheManifestNames()
    {
        // A frame of a few kilobytes that unpacks to a gigabyte of zeros behind an honest beginning.
        TestKit.WriteArchive(_folder.At("kit.tar.zst"), [.. Blocks("sound").SkipLast(1), .. Enumerable.Repeat(new byte[1 << 20], 1024)]);
        Assert.True(new FileInfo(_folder.At("kit.tar.zst")).Length < 200_000);

        var e = await Assert.ThrowsAsync<KitInvalidException>(() => KitReader.ReadAsync(_folder.At("kit.tar.zst"), null, null, null, default));

        Assert.Contains("goes on after its end", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TryParse_ManifestThatClaimsTooMuch_IsRefused()
    {
        KitFile[] files = [.. Enumerable.Range(0, 10).Select(i => new KitFile($"f{i}", KitFormat.MaxFileBytes, new string('0', 64), KitFile.Plain))];
        Assert.Contains("unpacks to more", KitManifest.TryParse((TestKit.Manifest(s_files) with { Files = files }).ToJson(), out _), StringComparison.Ordinal);
        Assert.Contains("both a file and a folder", KitManifest.TryParse((TestKit.Manifest(s_files) with { Files = [files[0] with { Path = "a" }, files[0] with { Path = "a/b" }] }).ToJson(), out _), StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private static List<byte[]> Blocks(string trick)
    {
        var json = TestKit.Manifest(s_files).ToJson();
        if (trick == "manifest form")
        {
            json = [.. json, (byte)' '];
        }

        var manifest = Entry(KitFormat.ManifestEntry, json);
        if (trick == "manifest long")
        {
            manifest[0] = Ustar.KitHeader(KitFormat.ManifestEntry, KitFormat.MaxManifestBytes + 1L, isExecutable: false);
        }

        var (a, b) = (Entry("a", s_files["a"]), Entry("b/c", s_files["b/c"]));
        a = trick switch
        {
            "link" => [Forged(a[0], 156, "2"), a[1]],
            "absolute" => [Forged(a[0], 0, "/etc/a"), a[1]],
            "upward" => [Forged(a[0], 0, "../a"), a[1]],
            "folder" => [Forged(a[0], 156, "5"), a[1]],
            "owner" => [Forged(a[0], 108, "0000001"), a[1]],
            "setuid" => [Forged(a[0], 100, "0004755"), a[1]],
            "mode" => [Ustar.KitHeader("a", 3, isExecutable: true), a[1]],
            "larger" => [Ustar.KitHeader("a", 4, isExecutable: false), a[1]],
            "content" => Entry("a", [1, 2, 4]),
            "padding" => [a[0], [.. a[1][..^1], 1]],
            _ => a,
        };
        List<byte[]> entries = trick switch
        {
            "missing" => [.. manifest, .. a],
            "more" => [.. manifest, .. a, .. b, .. Entry("z", [])],
            "twice" => [.. manifest, .. a, .. a, .. b],
            "disorder" => [.. manifest, .. b, .. a],
            "manifest last" => [.. a, .. b, .. manifest],
            _ => [.. manifest, .. a, .. b],
        };
        return trick switch { "short" => entries, "after" => [.. entries, Ustar.EndOfArchive, [1]], _ => [.. entries, Ustar.EndOfArchive] };
    }

    private static byte[][] Entry(string path, byte[] content) =>
        [Ustar.KitHeader(path, content.Length, isExecutable: false), [.. content, .. new byte[Ustar.Padding(content.Length)]]];

    /// <summary>A header with another field, and the checksum that goes with it.</summary>
    private static byte[] Forged(byte[] header, int at, string field)
    {
        var forged = (byte[])header.Clone();
        Encoding.ASCII.GetBytes(field, forged.AsSpan(at));
        forged.AsSpan(148, 8).Fill((byte)' ');
        var sum = forged.Sum(b => b);
        Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ", forged.AsSpan(148));
        return forged;
    }
}
