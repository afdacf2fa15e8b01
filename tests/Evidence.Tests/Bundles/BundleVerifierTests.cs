using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Evidence.Bundles;
using StellaOps.Telemetry.Evidence.Signing;
using StellaOps.Telemetry.Evidence.Sigstore;
using StellaOps.Telemetry.Evidence.Tests.TestServices;
using StellaOps.Telemetry.Tests.Shared;

namespace StellaOps.Telemetry.Evidence.Tests.Bundles;

public sealed class BundleVerifierTests : IDisposable
{
    private const string Provenance = """{"request":"all of it"}""";

    private static readonly SigningKey s_key = SigningKey.Create();
    private static readonly SigningKey s_other = SigningKey.Create();

    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData(BundleFormat.MaxPartBytes, 1)]
    [InlineData(4_000, 3)]
    public async Task Verify_Sound_EveryCheckHolds(long maxPartBytes, int atLeastParts)
    {
        var bundle = await WriteAsync(maxPartBytes);

        foreach (var path in new[] { "b", bundle.Parts[0].FileName, "b.provenance.json", "b.sigstore.json", bundle.Parts[^1].FileName + ".sig" })
        {
            var result = await VerifyAsync(path);
            Assert.True(result.Ok, Failures(result));
            Assert.Equal(bundle.ArchiveHash, result.ArchiveHash);
            Assert.Equal(bundle.Manifest.ToJson(), result.Manifest!.ToJson());
        }

        Assert.True(bundle.Parts.Count >= atLeastParts);
    }

    [Fact]
    public async Task Verify_OtherKeyOrNone_Fails()
    {
        await WriteAsync();

        Assert.Equal(["attestation", "signers", "signature b.tar.zst.sig"], FailedChecks(await VerifyAsync("b", s_other.Public)));
        Assert.Equal(["attestation", "signers", "signature b.tar.zst.sig"], FailedChecks(await new BundleVerifier(new TestFrames()).VerifyAsync(_folder.At("b"), [], default)));
    }

    [Theory]
    [InlineData("b.tar.zst")]
    [InlineData("b.provenance.json")]
    [InlineData("b.tar.zst.sig")]
    [InlineData("b.sigstore.json")]
    public async Task Verify_AnyChangedByte_IsFound(string file)
    {
        await WriteAsync();
        var path = _folder.At(file);
        var whole = await File.ReadAllBytesAsync(path);
        for (var i = 0; i < whole.Length; i++)
        {
            var changed = (byte[])whole.Clone();
            changed[i] ^= 1;
            await File.WriteAllBytesAsync(path, changed);
            Assert.False((await VerifyAsync("b")).Ok, $"byte {i} of {file}");
        }
    }

    [Theory]
    [InlineData("b.provenance.json", "digest of b.provenance.json")]
    [InlineData("b.tar.zst.sig", "signature b.tar.zst.sig")]
    [InlineData("b.sigstore.json", "attestation")]
    [InlineData("b.tar.zst", "files")]
    public async Task Verify_MissingFile_IsNamed(string file, string check)
    {
        await WriteAsync();
        File.Delete(_folder.At(file));

        Assert.Contains(check, FailedChecks(await VerifyAsync("b")));
    }

    [Fact]
    public async Task Verify_MissingOrStrayPart_IsFound()
    {
        var bundle = await WriteAsync(4_000);
        var last = _folder.At(bundle.Parts[^1].FileName);
        File.Move(last, _folder.At("kept"));
        Assert.Contains("subjects", FailedChecks(await VerifyAsync("b")));
        File.Move(_folder.At("kept"), last);

        File.Move(_folder.At(bundle.Parts[1].FileName), _folder.At("kept"));
        Assert.Equal(["files"], FailedChecks(await VerifyAsync("b")));
        File.Move(_folder.At("kept"), _folder.At(bundle.Parts[1].FileName));

        File.Copy(last, _folder.At("b.tar.zst"));
        Assert.Equal(["files"], FailedChecks(await VerifyAsync("b")));
    }

    [Theory]
    [InlineData("predicate type", "statement")]
    [InlineData("subject missing", "subjects")]
    [InlineData("subject more", "subjects")]
    [InlineData("subject twice", "subjects")]
    [InlineData("subject renamed", "subjects")]
    [InlineData("archive hash", "archive hash")]
    [InlineData("counts", "counts")]
    public async Task Verify_AttestationThatSaysAnother_ThoughSigned_IsFound(string lie, string check)
    {
        var bundle = await WriteAsync();
        Assert.True(SigstoreBundle.TryParse(await File.ReadAllBytesAsync(_folder.At("b.sigstore.json")), out var parsed, out _));
        var json = JsonNode.Parse(parsed.Envelope!.Payload.Span)!.AsObject();
        var subjects = json["subject"]!.AsArray();
        switch (lie)
        {
            case "predicate type": json["predicateType"] = "https://stella-ops.org/telemetry/kit/v1"; break;
            case "subject missing": subjects.RemoveAt(1); break;
            case "subject more": subjects.Add(JsonNode.Parse("{\"name\":\"x\",\"digest\":{\"sha256\":\"" + bundle.ArchiveHash + "\"}}")); break;
            case "subject twice": subjects.Add(subjects[0]!.DeepClone()); break;
            case "subject renamed": subjects[0]!["name"] = "c.tar.zst"; break;
            case "archive hash": json["predicate"]!["archiveHash"] = new string('0', 64); break;
            default: json["predicate"]!["records"]!["logs"] = 1; break;
        }

        Assert.True(Statement.TryParse(Encoding.UTF8.GetBytes(json.ToJsonString()), out var statement));
        await File.WriteAllBytesAsync(_folder.At("b.sigstore.json"), SigstoreBundle.SignStatement(statement, s_key));

        Assert.Contains(check, FailedChecks(await VerifyAsync("b")));
    }

    // Each archive is signed by the right key: what it holds is judged all the same.
    [Theory]
    [InlineData("absolute name")]
    [InlineData("parent name")]
    [InlineData("link")]
    [InlineData("folder")]
    [InlineData("other mode")]
    [InlineData("time set")]
    [InlineData("twice")]
    [InlineData("unsorted")]
    [InlineData("unknown entry")]
    [InlineData("manifest first")]
    [InlineData("no manifest")]
    [InlineData("empty entry")]
    [InlineData("padding")]
    [InlineData("after the end")]
    [InlineData("second frame after the end")]
    [InlineData("no end")]
    [InlineData("torn frame")]
    [InlineData("not canonical manifest")]
    [InlineData("bomb")]
    public async Task Verify_ArchiveOfAnotherForm_ThoughSigned_IsRefused(string form)
    {
        var frame = TestFrames.Frame(1, "s", "x");
        byte[] content = [0, 0, 0, (byte)frame.Length, .. frame];
        var good = await GoodManifestAsync(frame);
        var logs = Entry("data/logs.otlp", content);
        var manifest = Entry("manifest.json", good);
        byte[] tar = form switch
        {
            "absolute name" => [.. Patched(logs, h => Name(h, "/data/logs.otlp")), .. manifest],
            "parent name" => [.. Patched(logs, h => Name(h, "data/../logs.otlp")), .. manifest],
            "link" => [.. Patched(logs, h => h[156] = (byte)'2'), .. manifest],
            "folder" => [.. Patched(Entry("data", []), h => h[156] = (byte)'5'), .. logs, .. manifest],
            "other mode" => [.. Patched(logs, h => h[104] = (byte)'7'), .. manifest],
            "time set" => [.. Patched(logs, h => h[146] = (byte)'1'), .. manifest],
            "twice" => [.. logs, .. logs, .. manifest],
            "unsorted" => [.. Entry("data/traces.otlp", content), .. logs, .. manifest],
            "unknown entry" => [.. Entry("data/extra.otlp", content), .. logs, .. manifest],
            "manifest first" => [.. manifest, .. Entry("name", content)],
            "no manifest" => logs,
            "empty entry" => [.. logs, .. Entry("data/metrics.otlp", []), .. manifest],
            "padding" => [.. logs[..^1], 1, .. manifest],
            "torn frame" => [.. Entry("data/logs.otlp", content[..^1]), .. manifest],
            "not canonical manifest" => [.. logs, .. Entry("manifest.json", [.. good, (byte)'\n'])],
            "bomb" => [.. logs, .. Entry("manifest.json", [.. good, .. new byte[20_000_000]])],
            _ => [.. logs, .. manifest],
        };
        var end = form == "no end" ? new byte[512] : form == "after the end" ? [.. Ustar.EndOfArchive, .. new byte[512]] : Ustar.EndOfArchive;
        byte[] archive = [.. Compress([.. tar, .. end]), .. form == "second frame after the end" ? Compress([]) : []];
        await SignAsync(archive, good);

        var result = await new BundleVerifier(new TestFrames()) { MaxPartBytes = 1_000_000 }.VerifyAsync(_folder.At("b"), [s_key.Public], default);

        Assert.Equal(["structure"], FailedChecks(result));
        if (form == "bomb")
        {
            Assert.Contains("more than 1000000 bytes", Failures(result), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("order", "frames")]
    [InlineData("canonical", "frames")]
    [InlineData("records", "manifest")]
    [InlineData("services", "manifest")]
    [InlineData("firstEventTime", "manifest")]
    [InlineData("sha256", "manifest")]
    [InlineData("bytes", "manifest")]
    [InlineData("other signal", "manifest")]
    public async Task Verify_ContentThatIsNotItsManifests_ThoughSigned_IsFound(string lie, string check)
    {
        var one = TestFrames.Frame(1, "s", "x");
        var two = lie == "canonical" ? [1, 2, 3] : TestFrames.Frame(2, "s", "x");
        var (first, second) = lie == "order" ? (two, one) : (one, two);
        byte[] content = [0, 0, 0, (byte)first.Length, .. first, 0, 0, 0, (byte)second.Length, .. second];
        var manifest = JsonNode.Parse(await GoodManifestAsync(one, lie == "canonical" ? TestFrames.Frame(2, "s", "x") : TestFrames.Frame(2, "s", "x")))!;
        var logs = manifest["signals"]!["logs"]!;
        switch (lie)
        {
            case "records": logs["records"] = 3; break;
            case "services": logs["services"] = new JsonArray("s", "t"); break;
            case "firstEventTime": logs["firstEventTime"] = "0"; break;
            case "sha256": logs["sha256"] = new string('0', 64); break;
            case "bytes": logs["bytes"] = 1; break;
            case "other signal": manifest["signals"]!["traces"] = logs.DeepClone(); break;
            default: break;
        }

        var json = Encoding.UTF8.GetBytes(manifest.ToJsonString());
        await SignAsync(Compress([.. Entry("data/logs.otlp", content), .. Entry("manifest.json", json), .. Ustar.EndOfArchive]), json);

        Assert.Contains(check, FailedChecks(await VerifyAsync("b")));
    }

    [Theory]
    [InlineData(BundleFormat.MaxPartBytes, null)]
    [InlineData(4_000, null)]
    [InlineData(BundleFormat.MaxPartBytes, "cosign2")]
    [InlineData(4_000, "cosign2")]
    [InlineData(BundleFormat.MaxPartBytes, "cosign3")]
    [InlineData(4_000, "cosign3")]
    public async Task VerifyScript_Sound_Verifies_AndOneChangedByte_Fails(long maxPartBytes, string? cosign)
    {
        var environment = new Dictionary<string, string> { ["COSIGN"] = cosign is null ? "no-such-program" : ExternalTool.Require(cosign) };
        var bundle = await WriteAsync(maxPartBytes);
        await File.WriteAllTextAsync(_folder.At("key.pub"), s_key.Public.ToPem());
        await File.WriteAllTextAsync(_folder.At("other.pub"), s_other.Public.ToPem());
        Task<ToolResult> Run(string key) => ExternalTool.RunAsync(_folder.At("verify.sh"), [_folder.At(bundle.Parts[0].FileName), _folder.At(key)], environment: environment);

        var sound = await Run("key.pub");
        Assert.True(sound.ExitCode == 0, sound.Error);
        Assert.EndsWith("VERIFIED b\n", sound.Output, StringComparison.Ordinal);
        Assert.Equal(cosign is null ? 0 : bundle.Parts.Count + 1, sound.Output.Split("ok  cosign verifies").Length - 1);
        Assert.Equal(3, (await Run("other.pub")).ExitCode);
        foreach (var file in new[] { bundle.Parts[^1].FileName, "b.provenance.json", bundle.Parts[0].FileName + ".sig", "b.sigstore.json" })
        {
            var whole = await File.ReadAllBytesAsync(_folder.At(file));
            var changed = (byte[])whole.Clone();
            changed[^Math.Min(20, changed.Length)] ^= 1;
            await File.WriteAllBytesAsync(_folder.At(file), changed);
            var result = await Run("key.pub");
            Assert.True(result.ExitCode == 3 && result.Error.StartsWith("FAILED:", StringComparison.Ordinal), $"{file}: {result}");
            await File.WriteAllBytesAsync(_folder.At(file), whole);
        }
    }

    public void Dispose() => _folder.Dispose();

    private static byte[] Entry(string name, byte[] content) => [.. Ustar.Header(name, content.Length), .. content, .. new byte[Ustar.Padding(content.Length)]];

    private static byte[] Compress(byte[] tar)
    {
        using var compressor = new ZstdSharp.Compressor();
        return compressor.Wrap(tar).ToArray();
    }

    /// <summary>Changes a header and makes its checksum right again.</summary>
    private static byte[] Patched(byte[] entry, Action<byte[]> change)
    {
        var header = entry[..512];
        change(header);
        header.AsSpan(148, 8).Fill((byte)' ');
        Encoding.ASCII.GetBytes(Convert.ToString(header.Sum(b => b), 8).PadLeft(6, '0') + "\0 ", header.AsSpan(148));
        return [.. header, .. entry[512..]];
    }

    private static void Name(byte[] header, string name)
    {
        header.AsSpan(0, 100).Clear();
        Encoding.ASCII.GetBytes(name, header);
    }

    private static List<string> FailedChecks(BundleVerification result) => [.. result.Checks.Where(c => !c.Ok).Select(c => c.Name)];

    private static string Failures(BundleVerification result) => string.Join("\n", result.Checks.Where(c => !c.Ok).Select(c => $"{c.Name}: {c.Detail}"));

    private async Task<byte[]> GoodManifestAsync(params byte[][] frames)
    {
        using var elsewhere = new TemporaryFolder();
        var bundle = await new BundleWriter(new TestFrames(), elsewhere.Path).WriteAsync(elsewhere.Path, "b", TestFrames.Of([.. frames.Select(f => (Signal.Logs, f))]), default);
        return bundle.Manifest.ToJson();
    }

    /// <summary>Signs any bytes as the archive of bundle b.</summary>
    private async Task SignAsync(byte[] archive, byte[] manifest)
    {
        await File.WriteAllBytesAsync(_folder.At("b.tar.zst"), archive);
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(archive));
        var counts = JsonSerializer.Deserialize<JsonObject>(manifest)!["signals"]!.AsObject().ToDictionary(s => s.Key, s => new BundleSignal((long)s.Value!["records"]!, 0, "", "", [], ""));
        await BundleSigner.SignAsync(_folder.Path, new WrittenBundle("b", [new BundlePart("b.tar.zst", archive.Length, sha256)], sha256, new BundleManifest("", counts)), Encoding.UTF8.GetBytes(Provenance), s_key, default);
    }

    private async Task<WrittenBundle> WriteAsync(long maxPartBytes = BundleFormat.MaxPartBytes)
    {
        var bundle = await new BundleWriter(new TestFrames(), _folder.Path) { MaxPartBytes = maxPartBytes }.WriteAsync(_folder.Path, "b", TestFrames.Of(TestFrames.Sample(20)), default);
        await BundleSigner.SignAsync(_folder.Path, bundle, Encoding.UTF8.GetBytes(Provenance), s_key, default);
        return bundle;
    }

    private Task<BundleVerification> VerifyAsync(string path, VerificationKey? key = null) =>
        new BundleVerifier(new TestFrames()).VerifyAsync(_folder.At(path), [key ?? s_key.Public], default);
}
