using System.Text;
using StellaOps.Telemetry.Evidence.Bundles;
using StellaOps.Telemetry.Evidence.Signing;
using StellaOps.Telemetry.Evidence.Sigstore;
using StellaOps.Telemetry.Evidence.Tests.TestServices;
using StellaOps.Telemetry.Tests.Shared;
using StellaOps.Telemetry.Tests.Shared.Signing;

namespace StellaOps.Telemetry.Evidence.Tests.Bundles;

/// <summary><c>verify.sh</c> where there is nothing but a shell, sha256sum, and openssl or cosign.</summary>
public sealed class VerifyScriptTests : IDisposable
{
    private static readonly SigningKey s_service = SigningKey.Create();
    private static readonly SigningKey s_operator = SigningKey.Create();

    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("dash", "openssl", 1)]
    [InlineData("dash", "openssl", 3)]
    [InlineData("bash", "openssl", 3)]
    [InlineData("dash", "cosign2", 3)]
    [InlineData("dash", "cosign3", 1)]
    [InlineData("bash", "cosign2", 1)]
    public async Task Script_WithNothingElseOnThePath_Verifies_AndFindsWhatIsWrong(string shell, string program, int atLeastParts)
    {
        var bundle = await WriteAsync(atLeastParts == 1 ? BundleFormat.MaxPartBytes : 4_000);
        Assert.True(bundle.Parts.Count >= atLeastParts);
        var last = bundle.Parts[^1].FileName;
        var path = Programs(program);

        await ExpectAsync(0, shell, path, "service.pub");
        await ExpectAsync(3, shell, path, "stranger.pub");
        foreach (var file in new[] { last, last + ".sig", "b.provenance.json", "b.sigstore.json" })
        {
            var whole = await File.ReadAllBytesAsync(_folder.At(file));
            var changed = (byte[])whole.Clone();
            changed[^Math.Min(20, changed.Length)] ^= 1;
            await File.WriteAllBytesAsync(_folder.At(file), changed);
            await ExpectAsync(3, shell, path, "service.pub");
            File.Delete(_folder.At(file));
            await ExpectAsync(3, shell, path, "service.pub");
            await File.WriteAllBytesAsync(_folder.At(file), whole);
        }

        await ExpectAsync(0, shell, path, "service.pub");
    }

    [Fact]
    public async Task Script_FurtherSignersKey_JudgesTheirAttestation()
    {
        var bundle = await WriteAsync(BundleFormat.MaxPartBytes);
        var path = Programs("openssl");
        await ExpectAsync(3, "dash", path, "operator.pub");
        Assert.True(SigstoreBundle.TryParse(await File.ReadAllBytesAsync(_folder.At("b.sigstore.json")), out var first, out _));
        Assert.True(Statement.TryParse(first.Envelope!.Payload.Span, out var statement));
        await BundleSigner.AddSignerAsync(BundleFiles.Locate(_folder.At("b")), statement, new SigstoreSigner(s_operator), default);

        await ExpectAsync(0, "dash", path, "operator.pub");
        await ExpectAsync(0, "dash", path, "service.pub");
        await File.AppendAllTextAsync(_folder.At(bundle.Parts[0].FileName), "x");
        await ExpectAsync(3, "dash", path, "operator.pub");
    }

    [Fact]
    public async Task Script_NoProgramOrNoKey_SaysWhatIsMissing()
    {
        await WriteAsync(BundleFormat.MaxPartBytes);

        Assert.Contains("neither 'openssl' nor 'cosign'", (await RunAsync("dash", Programs(), "service.pub")).Error, StringComparison.Ordinal);
        Assert.Contains("cannot read the key", (await RunAsync("dash", Programs("openssl"), "none.pub")).Error, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private async Task ExpectAsync(int exitCode, string shell, string path, string key)
    {
        var result = await RunAsync(shell, path, key);
        Assert.True(exitCode == result.ExitCode, result.ToString());
        Assert.Equal(exitCode == 0, result.Output.EndsWith("VERIFIED b\n", StringComparison.Ordinal));
    }

    private Task<ToolResult> RunAsync(string shell, string path, string key) => ExternalTool.RunAsync(
        ExternalTool.Require(shell), [_folder.At("verify.sh"), _folder.At("b.tar.zst"), _folder.At(key)], environment: new Dictionary<string, string> { ["PATH"] = path, ["COSIGN"] = "cosign" });

    /// <summary>A folder with sha256sum and these programs.</summary>
    private string Programs(params string[] names)
    {
        var folder = _folder.At("bin-" + string.Join('-', names));
        Directory.CreateDirectory(folder);
        foreach (var name in names.Append("sha256sum"))
        {
            File.CreateSymbolicLink(Path.Combine(folder, name.StartsWith("cosign", StringComparison.Ordinal) ? "cosign" : name), ExternalTool.Require(name));
        }

        return folder;
    }

    private async Task<WrittenBundle> WriteAsync(long maxPartBytes)
    {
        using var tsa = new TestTimestampAuthority();
        var bundle = await new BundleWriter(new TestFrames(), _folder.Path) { MaxPartBytes = maxPartBytes }.WriteAsync(_folder.Path, "b", TestFrames.Of(TestFrames.Sample(20)), default);
        await BundleSigner.SignAsync(_folder.Path, bundle, Encoding.UTF8.GetBytes("""{"request":"all of it"}"""), new SigstoreSigner(s_service, null, tsa.Stamper), default);
        await File.WriteAllTextAsync(_folder.At("service.pub"), s_service.Public.ToPem());
        await File.WriteAllTextAsync(_folder.At("operator.pub"), s_operator.Public.ToPem());
        using var stranger = SigningKey.Create();
        await File.WriteAllTextAsync(_folder.At("stranger.pub"), stranger.Public.ToPem());
        return bundle;
    }
}
