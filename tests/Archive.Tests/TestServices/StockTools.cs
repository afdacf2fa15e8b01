using StellaOps.Telemetry.Archive.Roots;
using StellaOps.Telemetry.Evidence.Signing;
using StellaOps.Telemetry.Tests.Shared;
using StellaOps.Telemetry.Tests.Shared.Stack;

namespace StellaOps.Telemetry.Archive.Tests.TestServices;

/// <summary>Programs that know nothing of us.</summary>
internal static class StockTools
{
    /// <summary><c>sha256sum -c</c> agrees with a root's list of leaves.</summary>
    public static async Task AssertSha256SumAsync(string folder, string list)
    {
        var result = await ExternalTool.RunAsync(ExternalTool.Require("sha256sum"), ["--check", "--strict", list], folder);
        Assert.True(result.ExitCode == 0, result.Output + result.Error);
    }

    /// <summary>Both cosigns, with the public key alone, verify a root's attestation; and not of another file.</summary>
    public static async Task AssertAttestedAsync(string folder, DayRoot root, VerificationKey key)
    {
        var (publicKey, trusted, other) = (Path.Combine(folder, "archive.pub"), Path.Combine(folder, "trusted-root.json"), Path.Combine(folder, "other.json"));
        await File.WriteAllTextAsync(publicKey, key.ToPem());
        await File.WriteAllTextAsync(trusted, """{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1"}""");
        await File.WriteAllTextAsync(other, "{}");
        foreach (var (cosign, format) in new (string, string[])[] { ("cosign2", ["--new-bundle-format"]), ("cosign3", []) })
        {
            string[] common =
            [
                "verify-blob-attestation", "--key", publicKey, "--bundle", Path.Combine(folder, root.AttestationKey), .. format,
                "--trusted-root", trusted, "--insecure-ignore-tlog", "--type", DayRoot.PredicateType,
            ];
            var path = Cosign.Require(cosign).Path;
            var result = await ExternalTool.RunAsync(path, [.. common, Path.Combine(folder, root.Key)]);
            Assert.True(result.ExitCode == 0, $"{cosign}: {result.Error}");
            Assert.NotEqual(0, (await ExternalTool.RunAsync(path, [.. common, other])).ExitCode);
        }
    }
}
