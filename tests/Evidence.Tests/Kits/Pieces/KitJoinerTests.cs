using StellaOps.Telemetry.Evidence.Kits;
using StellaOps.Telemetry.Evidence.Kits.Pieces;
using StellaOps.Telemetry.Evidence.Signing;
using StellaOps.Telemetry.Evidence.Tests.TestServices;
using StellaOps.Telemetry.Tests.Shared;

namespace StellaOps.Telemetry.Evidence.Tests.Kits.Pieces;

public sealed class KitJoinerTests : IDisposable
{
    private const int PieceBytes = KitPiece.HeaderBytes + 3_000;

    private static readonly SigningKey s_key = SigningKey.Create();

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task Collect_AllPiecesInAnyOrderUnderAnyName_MakesTheSameFiles()
    {
        var (delivery, pieces) = await SplitAsync();
        foreach (var (i, piece) in pieces.Reverse().Index())
        {
            File.Move(_folder.At($"pieces/{piece.FileName}"), _folder.At($"pieces/{i:000}.dat"));
        }

        var report = await JoinAsync("pieces");

        Assert.True(report.Complete);
        Assert.True(pieces.Count > 5);
        Assert.Equal(pieces.Count, report.Have);
        AssertSame(delivery, report);
        Assert.True(File.GetUnixFileMode(_folder.At("out/import.sh")).HasFlag(UnixFileMode.UserExecute));
        Assert.Equal(report.Files.Order(), Directory.EnumerateFileSystemEntries(_folder.At("out")).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task Collect_Journeys_SayWhatIsMissingUntilNothingIs()
    {
        var (delivery, pieces) = await SplitAsync();
        Carry(pieces, "one", 1, 2, 4);
        Carry(pieces, "two", [.. Enumerable.Range(4, pieces.Count - 4)]);
        Carry(pieces, "three", 3, pieces.Count);

        var first = await JoinAsync("one");
        Assert.False(first.Complete);
        Assert.Equal($"3,5-{pieces.Count}", first.MissingText);
        Assert.Equal("3," + pieces.Count, (await JoinAsync("two")).MissingText);
        Assert.Equal("3," + pieces.Count, (await JoinAsync("two")).MissingText);
        var last = await JoinAsync("three");

        Assert.True(last.Complete);
        AssertSame(delivery, last);
    }

    [Fact]
    public async Task Collect_RepeatedForeignDamagedRefusedAndOtherFiles_AreToldApart()
    {
        var (delivery, pieces) = await SplitAsync();
        Carry(pieces, "in", [.. Enumerable.Range(1, pieces.Count)]);
        File.Copy(_folder.At($"in/{pieces[1].FileName}"), _folder.At("in/z-again"));
        Change("in/" + pieces[2].FileName, KitPiece.HeaderBytes + 5);
        Change("in/" + pieces[3].FileName, 500);
        File.WriteAllBytes(_folder.At("in/" + pieces[4].FileName), File.ReadAllBytes(_folder.At("in/" + pieces[4].FileName))[..^1]);
        File.WriteAllText(_folder.At("in/readme.txt"), "hello");
        var (_, foreign) = await SplitAsync("9.0.0", "foreign");
        File.Copy(_folder.At($"foreign/{foreign[0].FileName}"), _folder.At("in/foreign"));

        await Assert.ThrowsAsync<KitInvalidException>(() => JoinAsync("in"));
        var report = await JoinAsync("in", pieces[0].Transfer[..6]);

        Assert.Equal("3-5", report.MissingText);
        Assert.Equal([_folder.At("in/z-again")], report.Repeated);
        Assert.Equal([pieces[2].FileName, pieces[4].FileName], report.Damaged.Select(d => Path.GetFileName(d.Split(": ")[0])).Order());
        Assert.StartsWith(_folder.At("in/" + pieces[3].FileName), Assert.Single(report.Refused), StringComparison.Ordinal);
        Assert.Equal([_folder.At("in/foreign")], report.Foreign);
        Assert.Equal(1, report.Others);

        // What is sent again completes it, and the transfer that was begun needs no naming.
        Carry(pieces, "again", 3, 4, 5);
        File.Copy(_folder.At("in/foreign"), _folder.At("again/foreign"));
        AssertSame(delivery, await JoinAsync("again"));
    }

    [Fact]
    public async Task Collect_PiecesOfAnotherKey_AreRefused()
    {
        await SplitAsync();

        var e = await Assert.ThrowsAsync<KitInvalidException>(() => new KitJoiner([SigningKey.Create().Public], _folder.At("out")).CollectAsync([_folder.At("pieces")], null, null, default));

        Assert.Contains("none of the given keys signed it", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Split_Again_GivesPiecesOfTheSameTransfer()
    {
        var (delivery, pieces) = await SplitAsync();
        var files = Files(delivery);

        var again = await KitSplitter.SplitAsync(delivery, files, PieceBytes, _folder.At("again"), new HashSet<int> { 2, 5 }, s_key, null, default);

        Assert.Equal(pieces, again);
        Assert.Equal([pieces[1].FileName, pieces[4].FileName], Directory.EnumerateFiles(_folder.At("again")).Select(f => Path.GetFileName(f)!).Order());
        Assert.Equal(File.ReadAllBytes(_folder.At($"pieces/{pieces[4].FileName}"))[KitPiece.HeaderBytes..], File.ReadAllBytes(_folder.At($"again/{pieces[4].FileName}"))[KitPiece.HeaderBytes..]);
        Assert.All(Directory.EnumerateFiles(_folder.At("pieces")), f => Assert.True(new FileInfo(f).Length <= PieceBytes));
    }

    [Fact]
    public async Task Pieces_WithoutAnyProgramOfOurs_AreATar()
    {
        var (delivery, _) = await SplitAsync();
        Directory.CreateDirectory(_folder.At("by-hand"));

        var run = await ExternalTool.RunAsync("/bin/sh", ["-c", $"cd '{_folder.At("pieces")}' && for p in *.piece*; do tail -c +16385 \"$p\"; done | tar -xf - -C ../by-hand"]);

        Assert.True(run.ExitCode == 0, run.Error);
        Assert.All(Files(delivery), f => Assert.Equal(File.ReadAllBytes(Path.Combine(delivery.Folder, f)), File.ReadAllBytes(_folder.At("by-hand/" + f))));
    }

    [Theory]
    [InlineData("cosign2", "--new-bundle-format")]
    [InlineData("cosign3", null)]
    public async Task Pieces_StockCosign_VerifiesEachAlone(string name, string? form)
    {
        var cosign = ExternalTool.Require(name);
        var (_, pieces) = await SplitAsync();
        await File.WriteAllTextAsync(_folder.At("key.pub"), s_key.Public.ToPem());
        await File.WriteAllTextAsync(_folder.At("root.json"), """{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1"}""");
        var piece = await File.ReadAllBytesAsync(_folder.At("pieces/" + pieces[1].FileName));
        await File.WriteAllTextAsync(_folder.At("head.json"), System.Text.Encoding.UTF8.GetString(piece, 0, KitPiece.HeaderBytes).Split('\n')[1]);
        await File.WriteAllBytesAsync(_folder.At("payload"), piece[KitPiece.HeaderBytes..]);

        var run = await ExternalTool.RunAsync(
            cosign,
            [
                "verify-blob-attestation", "--key", _folder.At("key.pub"), "--bundle", _folder.At("head.json"), .. form is null ? (string[])[] : [form],
                "--trusted-root", _folder.At("root.json"), "--insecure-ignore-tlog", "--type", KitPiece.PredicateType, _folder.At("payload"),
            ]);

        Assert.True(run.ExitCode == 0, run.Error);
    }

    [Fact]
    public async Task Split_PiecesTooSmall_IsRefused()
    {
        var delivery = await TestKit.WriteAsync(Directory.CreateDirectory(_folder.At("kit")).FullName, s_key);

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => KitSplitter.SplitAsync(delivery, Files(delivery), KitPiece.HeaderBytes + 100, _folder.At("pieces"), null, s_key, null, default));
    }

    [Fact]
    public void IsSound_NumbersThatDoNotBelongTogether_AreNot()
    {
        var sha256 = new string('0', 64);
        var piece = new KitPiece(KitPiece.TransferOf(sha256, 4096), TestKit.Name, 2, 3, 4096, 10_000, sha256);

        Assert.True(piece.IsSound());
        Assert.All(
            [
                piece with { Piece = 4 }, piece with { Piece = 0 }, piece with { Pieces = 4 }, piece with { StreamBytes = 50_000 }, piece with { PieceBytes = 5000 },
                piece with { StreamSha256 = new string('1', 64) }, piece with { Kit = "../x" }, piece with { StreamBytes = 0, Pieces = 0 },
            ],
            p => Assert.False(p.IsSound()));
    }

    public void Dispose() => _folder.Dispose();

    private async Task<(KitDelivery Delivery, IReadOnlyList<KitPiece> Pieces)> SplitAsync(string version = "1.0.0", string to = "pieces")
    {
        var delivery = await TestKit.WriteAsync(Directory.CreateDirectory(_folder.At("kit-" + version)).FullName, s_key, version);
        return (delivery, await KitSplitter.SplitAsync(delivery, Files(delivery), PieceBytes, _folder.At(to), null, s_key, null, default));
    }

    private Task<KitTransferReport> JoinAsync(string inbox, string? transfer = null) => new KitJoiner([s_key.Public], _folder.At("out")).CollectAsync([_folder.At(inbox)], transfer, null, default);

    private void Carry(IReadOnlyList<KitPiece> pieces, string to, params int[] numbers)
    {
        Directory.CreateDirectory(_folder.At(to));
        foreach (var number in numbers)
        {
            File.Copy(_folder.At($"pieces/{pieces[number - 1].FileName}"), _folder.At($"{to}/{pieces[number - 1].FileName}"));
        }
    }

    private void Change(string file, int at)
    {
        var bytes = File.ReadAllBytes(_folder.At(file));
        bytes[at] ^= 1;
        File.WriteAllBytes(_folder.At(file), bytes);
    }

    private static List<string> Files(KitDelivery delivery) => [delivery.ArchiveName, delivery.ArchiveName + ".sig", delivery.Name + ".sigstore.json", "import.sh"];

    private void AssertSame(KitDelivery delivery, KitTransferReport report)
    {
        Assert.Equal(Files(delivery).Order(StringComparer.Ordinal), report.Files);
        Assert.All(report.Files, f => Assert.Equal(File.ReadAllBytes(Path.Combine(delivery.Folder, f)), File.ReadAllBytes(_folder.At("out/" + f))));
    }
}
