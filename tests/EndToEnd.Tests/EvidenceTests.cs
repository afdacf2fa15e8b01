using StellaOps.Telemetry.Tests.Shared;
using StellaOps.Telemetry.Tests.Shared.Stack;

namespace StellaOps.Telemetry.EndToEnd.Tests;

/// <summary>A real bundle is verified by programs that we did not write, by its own script and by ours; one changed byte is found by each.</summary>
[Collection(nameof(SharedStackCollection))]
public sealed class EvidenceTests(SharedStack shared, EvidenceBundle evidence) : IClassFixture<EvidenceBundle>
{
    private const int VerificationFailed = 3;

    [Theory]
    [InlineData("cosign2")]
    [InlineData("cosign3")]
    public async Task StockCosign_Offline_VerifiesTheBundle(string name) =>
        Assert.True(await Cosign.Require(name).VerifiesAsync(evidence.Copy(), shared.Stack.EvidenceKey));

    [Theory]
    [InlineData("cosign2", BundlePiece.Archive)]
    [InlineData("cosign2", BundlePiece.Provenance)]
    [InlineData("cosign3", BundlePiece.Archive)]
    [InlineData("cosign3", BundlePiece.Provenance)]
    public async Task StockCosign_OneByteChanged_Refuses(string name, BundlePiece piece) =>
        Assert.False(await Cosign.Require(name).VerifiesAsync(evidence.CopyWithOneByteChanged(piece), shared.Stack.EvidenceKey));

    [Theory]
    [InlineData("cosign2")]
    [InlineData("cosign3")]
    public async Task StockCosign_AnotherKey_Refuses(string name) =>
        Assert.False(await Cosign.Require(name).VerifiesAsync(evidence.Copy(), await AnotherKeyAsync()));

    [Fact]
    public async Task OurVerifier_Unchanged_Accepts()
    {
        var result = await VerifyAsync(evidence.Copy(), shared.Stack.EvidenceKey);

        Assert.True(result.ExitCode == 0, result.Output + result.Error);
    }

    [Theory]
    [InlineData(BundlePiece.Archive)]
    [InlineData(BundlePiece.Provenance)]
    public async Task OurVerifier_OneByteChanged_Refuses(BundlePiece piece) =>
        Assert.Equal(VerificationFailed, (await VerifyAsync(evidence.CopyWithOneByteChanged(piece), shared.Stack.EvidenceKey)).ExitCode);

    [Fact]
    public async Task OurVerifier_AnotherKey_Refuses() =>
        Assert.Equal(VerificationFailed, (await VerifyAsync(evidence.Copy(), await AnotherKeyAsync())).ExitCode);

    [Theory]
    [InlineData(null)]
    [InlineData("cosign2")]
    [InlineData("cosign3")]
    public async Task OwnScript_Unchanged_AcceptsWithAndWithoutCosign(string? cosign)
    {
        var bundle = evidence.Copy();

        var result = await RunScriptAsync(bundle, cosign);

        Assert.True(result.ExitCode == 0, result.Output + result.Error);
        Assert.EndsWith("VERIFIED " + bundle.Name, result.Output.TrimEnd(), StringComparison.Ordinal);
        Assert.Equal(cosign is null ? 0 : bundle.Archives.Count + 1, result.Output.Split('\n').Count(l => l.StartsWith("ok  cosign verifies", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(BundlePiece.Archive)]
    [InlineData(BundlePiece.Provenance)]
    public async Task OwnScript_OneByteChanged_Refuses(BundlePiece piece)
    {
        var result = await RunScriptAsync(evidence.CopyWithOneByteChanged(piece), cosign: null);

        Assert.Equal(VerificationFailed, result.ExitCode);
        Assert.Contains("FAILED: the attestation names other files, or another content of them", result.Error, StringComparison.Ordinal);
    }

    private Task<ToolResult> VerifyAsync(CapturedBundle bundle, string key) => shared.Stack.Stella.TelemetryAsync("verify", bundle.Archives[0], "--key", key);

    private Task<ToolResult> RunScriptAsync(CapturedBundle bundle, string? cosign) => ExternalTool.RunAsync(
        ExternalTool.Require("sh"),
        [Path.Combine(bundle.Folder, "verify.sh"), bundle.Archives[0], shared.Stack.EvidenceKey],
        environment: new Dictionary<string, string> { ["COSIGN"] = cosign is null ? "/nowhere/cosign" : Cosign.Require(cosign).Path });

    /// <summary>A key of the same kind that did not sign the bundle.</summary>
    private async Task<string> AnotherKeyAsync()
    {
        using var key = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
        var path = Path.Combine(Path.GetDirectoryName(evidence.Bundle.Folder)!, "another.pub");
        await File.WriteAllTextAsync(path, key.ExportSubjectPublicKeyInfoPem() + "\n", TestContext.Current.CancellationToken);
        return path;
    }
}
