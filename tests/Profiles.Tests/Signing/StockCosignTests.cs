using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Profiles.Signing;
using StellaOps.Telemetry.Tests.Shared;
using StellaOps.Telemetry.Tests.Shared.Auth;
using StellaOps.Telemetry.Tests.Shared.Profiles;

namespace StellaOps.Telemetry.Profiles.Tests.Signing;

/// <summary>The three statements before a verifier that is not ours, without a network.</summary>
public sealed class StockCosignTests : IDisposable
{
    private readonly TestIdentities _identities = new();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("stella-cosign-");

    [Theory]
    [InlineData("cosign2")]
    [InlineData("cosign3")]
    public async Task VerifyBlobAttestation_EachStatement_VerifiesAndNotForAnotherClosureOrKey(string name)
    {
        var cosign = ExternalTool.Require(name);
        var signed = new SignedProfiles(_identities);
        var closure = SigningTexts.Closure(1, "prod");
        var package = signed.Package(closure, 1, 0, signed.Approval(closure));
        await WriteAsync("closure.json", closure.ToBytes());
        await WriteAsync("other.json", SigningTexts.Closure(2).ToBytes());
        await WriteAsync("root.json", """{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1"}"""u8.ToArray());
        (string Signer, byte[] Bundle, string Type)[] statements =
        [
            (TestIdentities.Author, package.Author, PredicateTypes.Profile),
            (TestIdentities.Approver, package.Approvals[0], PredicateTypes.Approval),
            (TestIdentities.BreakGlass, signed.BrokenGlass(closure), PredicateTypes.Approval),
            (KnownServices.ProfileService, package.Deployment, PredicateTypes.Deployment),
        ];

        foreach (var (signer, bundle, type) in statements)
        {
            await WriteAsync("bundle.json", bundle);
            var good = await VerifyAsync(cosign, signer, type, "closure.json");
            Assert.True(good.ExitCode == 0, $"{type}: {good}");
            Assert.NotEqual(0, (await VerifyAsync(cosign, signer, type, "other.json")).ExitCode);
            Assert.NotEqual(0, (await VerifyAsync(cosign, TestIdentities.Stranger, type, "closure.json")).ExitCode);
        }
    }

    public void Dispose()
    {
        _identities.Dispose();
        _folder.Delete(recursive: true);
    }

    private async Task<ToolResult> VerifyAsync(string cosign, string signer, string type, string file)
    {
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "key.pub"), _identities.Key(signer).Public.ToPem());
        string[] arguments =
            ["verify-blob-attestation", "--key", "key.pub", "--bundle", "bundle.json", "--new-bundle-format", "--trusted-root", "root.json", "--insecure-ignore-tlog", "--type", type, file];
        return await ExternalTool.RunAsync(cosign, arguments, _folder.FullName, new Dictionary<string, string> { ["HOME"] = _folder.FullName });
    }

    private Task WriteAsync(string name, byte[] content) => File.WriteAllBytesAsync(Path.Combine(_folder.FullName, name), content);
}
