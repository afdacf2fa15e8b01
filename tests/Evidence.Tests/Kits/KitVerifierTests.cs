using StellaOps.Telemetry.Evidence.Kits;
using StellaOps.Telemetry.Evidence.Signing;
using StellaOps.Telemetry.Evidence.Tests.TestServices;
using StellaOps.Telemetry.Tests.Shared;
using StellaOps.Telemetry.Tests.Shared.Processes;

namespace StellaOps.Telemetry.Evidence.Tests.Kits;

public sealed class KitVerifierTests : IDisposable
{
    private static readonly SigningKey s_key = SigningKey.Create();
    private static readonly SigningKey s_other = SigningKey.Create();

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task Verify_Sound_EveryCheckHolds()
    {
        var delivery = await TestKit.WriteAsync(_folder.Path, s_key);

        foreach (var path in new[] { delivery.Archive, delivery.Attestation, delivery.Signature, _folder.At(TestKit.Name), _folder.Path })
        {
            var result = await Verifier().VerifyAsync(path, null, default);
            Assert.True(result.Ok, Said(result));
            Assert.DoesNotContain(result.Checks, c => c.State == KitCheckState.Warning);
            Assert.Equal(s_key.KeyId, result.Signer);
            Assert.Equal("1.0.0", result.Manifest!.Version);
        }
    }

    [Fact]
    public async Task Verify_OtherKeyOrNone_Fails()
    {
        var delivery = await TestKit.WriteAsync(_folder.Path, s_key);

        Assert.Equal(["signature", "attestation", "predicate"], Failed(await Verifier(s_other).VerifyAsync(delivery.Archive, null, default)));
        Assert.Equal(["signature", "attestation", "predicate"], Failed(await new KitVerifier([], null, TimeProvider.System).VerifyAsync(delivery.Archive, null, default)));
    }

    [Theory]
    [InlineData(TestKit.Name + ".tar.zst", 97)]
    [InlineData(TestKit.Name + ".tar.zst.sig", 1)]
    [InlineData(TestKit.Name + ".sigstore.json", 7)]
    [InlineData("import.sh", 1)]
    public async Task Verify_AnyChangedByte_IsFound(string file, int step)
    {
        await TestKit.WriteAsync(_folder.Path, s_key);
        var path = _folder.At(file);
        var whole = await File.ReadAllBytesAsync(path);
        for (var i = 0; i < whole.Length; i += step)
        {
            var changed = (byte[])whole.Clone();
            changed[i] ^= (byte)(1 << (i % 8));
            await File.WriteAllBytesAsync(path, changed);
            Assert.False((await Verifier().VerifySignaturesAsync(_folder.At(TestKit.Name), default)).Ok, $"byte {i} of {file}");
        }

        foreach (var other in new[] { whole[..^1], [.. whole, (byte)'x'] })
        {
            await File.WriteAllBytesAsync(path, other);
            Assert.False((await Verifier().VerifySignaturesAsync(_folder.At(TestKit.Name), default)).Ok, $"{other.Length} bytes of {file}");
        }
    }

    [Fact]
    public async Task Verify_SignaturesOfAnotherKit_AreFound()
    {
        var delivery = await TestKit.WriteAsync(_folder.Path, s_key);
        var other = await TestKit.WriteAsync(Directory.CreateDirectory(_folder.At("other")).FullName, s_key, version: "2.0.0");
        File.Copy(other.Attestation, delivery.Attestation, overwrite: true);

        Assert.Equal([$"digest of {delivery.ArchiveName}", "content"], Failed(await Verifier().VerifyAsync(delivery.Archive, null, default)));
    }

    [Fact]
    public async Task Verify_RenamedKit_IsFound()
    {
        var delivery = await TestKit.WriteAsync(_folder.Path, s_key);
        foreach (var file in new[] { delivery.Archive, delivery.Signature, delivery.Attestation })
        {
            File.Move(file, file.Replace(TestKit.Name, "kit-9.9.9", StringComparison.Ordinal));
        }

        Assert.Equal(["subjects", "predicate"], Failed(await Verifier().VerifyAsync(_folder.At("kit-9.9.9"), null, default)));
    }

    [Fact]
    public async Task Verify_CompanionNotHere_Warns()
    {
        var delivery = await TestKit.WriteAsync(_folder.Path, s_key);
        File.Delete(_folder.At("import.sh"));

        var result = await Verifier().VerifyAsync(delivery.Archive, null, default);

        Assert.True(result.Ok);
        Assert.Equal("digest of import.sh", Assert.Single(result.Checks, c => c.State == KitCheckState.Warning).Name);
    }

    [Theory]
    [InlineData(89, null, false)]
    [InlineData(91, null, true)]
    [InlineData(20, 30, false)]
    [InlineData(31, 30, true)]
    [InlineData(91, 200, true)]
    public async Task Verify_Age_Warns(int days, int? maxAgeDays, bool warns)
    {
        var delivery = await TestKit.WriteAsync(_folder.Path, s_key);
        var age = maxAgeDays is { } max ? TimeSpan.FromDays(max) : (TimeSpan?)null;

        var result = await new KitVerifier([s_key.Public], age, new FixedTime(TestKit.Date.AddDays(days))).VerifyAsync(delivery.Archive, null, default);

        Assert.True(result.Ok, Said(result));
        Assert.Equal(warns ? KitCheckState.Warning : KitCheckState.Ok, result.Checks.Single(c => c.Name == "freshness").State);
    }

    [Fact]
    public void Drift_TrustKeyThatEndsWhileTheKitIsFresh_Warns()
    {
        var manifest = TestKit.Manifest(TestKit.Files()) with
        {
            Trust = [Key("early", 10), Key("late", 200), new KitTrustedKey("ever", new string('c', 64), ["kit"])],
        };

        Assert.Equal(
            [("trust key early", "ends on 2026-03-11: what it signs later is refused")],
            Verifier().Drift(manifest).Where(c => c.State == KitCheckState.Warning).Select(c => (c.Name, c.Detail)));

        static KitTrustedKey Key(string name, int days) => new(name, new string('b', 64), ["kit"], TestKit.Date.AddDays(days));
    }

    [Theory]
    [InlineData("cosign2", "--new-bundle-format")]
    [InlineData("cosign3", null)]
    public async Task Verify_StockCosign_Agrees(string name, string? form)
    {
        var cosign = ExternalTool.Require(name);
        var delivery = await TestKit.WriteAsync(_folder.Path, s_key);
        var key = _folder.At("key.pub");
        await File.WriteAllTextAsync(key, s_key.Public.ToPem());
        await File.WriteAllTextAsync(_folder.At("root.json"), """{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1"}""");
        string[] attestation =
        [
            "verify-blob-attestation", "--key", key, "--bundle", delivery.Attestation, .. form is null ? (string[])[] : [form],
            "--trusted-root", _folder.At("root.json"), "--insecure-ignore-tlog", "--type", KitFormat.PredicateType,
        ];

        foreach (var arguments in new string[][]
        {
            ["verify-blob", "--key", key, "--signature", delivery.Signature, "--insecure-ignore-tlog", delivery.Archive],
            [.. attestation, delivery.Archive],
            [.. attestation, _folder.At("import.sh")],
        })
        {
            var run = await ExternalTool.RunAsync(cosign, arguments);
            Assert.True(run.ExitCode == 0, run.Error);
        }

        await File.AppendAllTextAsync(_folder.At("import.sh"), "#");
        Assert.NotEqual(0, (await ExternalTool.RunAsync(cosign, [.. attestation, _folder.At("import.sh")])).ExitCode);
    }

    [Fact]
    public async Task VerifyScript_SoundAndChanged_SaysSo()
    {
        var delivery = await TestKit.WriteAsync(_folder.Path, s_key);
        await File.WriteAllTextAsync(_folder.At("key.pub"), s_key.Public.ToPem());
        await File.WriteAllTextAsync(_folder.At("other.pub"), s_other.Public.ToPem());
        var script = Path.Combine(Repository.Root, "eng", "kit", "tree", "verify.sh");
        Task<ToolResult> RunAsync(string key) => ExternalTool.RunAsync("/bin/sh", [script, delivery.Archive, _folder.At(key)], environment: new Dictionary<string, string> { ["COSIGN"] = "no-cosign-here" });

        var sound = await RunAsync("key.pub");
        Assert.True(sound.ExitCode == 0, sound.Error);
        Assert.Equal(["ok  kit-1.0.0.tar.zst signed", "ok  attestation signed", "ok  kit-1.0.0.tar.zst unchanged", "ok  import.sh unchanged", "VERIFIED kit-1.0.0"], sound.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(3, (await RunAsync("other.pub")).ExitCode);

        await File.AppendAllTextAsync(_folder.At("import.sh"), "#");
        var changed = await RunAsync("key.pub");
        Assert.Equal((3, "FAILED: 'import.sh' is not what was signed\n"), (changed.ExitCode, changed.Error));
    }

    public void Dispose() => _folder.Dispose();

    private static KitVerifier Verifier(SigningKey? key = null) => new([(key ?? s_key).Public], null, new FixedTime(TestKit.Date.AddDays(1)));

    private static IEnumerable<string> Failed(KitVerification result) => result.Checks.Where(c => c.State == KitCheckState.Failed).Select(c => c.Name);

    private static string Said(KitVerification result) => string.Join('\n', result.Checks);
}
