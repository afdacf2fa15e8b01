using StellaOps.Telemetry.Profiles.Signing;

namespace StellaOps.Telemetry.Profiles.Tests.Signing;

public sealed class DeploymentPackageTests
{
    private static readonly DeploymentPackage s_package = new([1], [2], [[3], [4]], [5]);

    [Fact]
    public void ToFiles_ThenTryFromFiles_IsTheSame()
    {
        var files = s_package.ToFiles();

        Assert.Equal(
            ["approval-1.sigstore.json", "approval-2.sigstore.json", "author.sigstore.json", "closure.json", "deployment.sigstore.json"],
            files.Keys.Order(StringComparer.Ordinal));
        Assert.True(DeploymentPackage.TryFromFiles(files, out var read, out _));
        Assert.Equal(files, read.ToFiles());
        Assert.Equal([3, 4], read.Approvals.Select(a => (int)a[0]));
    }

    [Theory]
    [InlineData("closure.json", null, "there is no closure.json")]
    [InlineData("author.sigstore.json", null, "there is no author.sigstore.json")]
    [InlineData("deployment.sigstore.json", null, "there is no deployment.sigstore.json")]
    [InlineData("approval-1.sigstore.json", null, "'approval-2.sigstore.json' belongs to no deployment")]
    [InlineData(null, "approval-4.sigstore.json", "'approval-4.sigstore.json' belongs to no deployment")]
    [InlineData(null, "approval-03.sigstore.json", "'approval-03.sigstore.json' belongs to no deployment")]
    [InlineData(null, "x", "'x' belongs to no deployment")]
    public void TryFromFiles_OneMissingOrTooMany_IsRefusedByName(string? without, string? with, string reason)
    {
        var files = new Dictionary<string, byte[]>(s_package.ToFiles());
        files.Remove(without ?? "");
        files.TryAdd(with ?? "closure.json", []);
        if (without == "closure.json")
        {
            files.Remove("closure.json");
        }

        Assert.False(DeploymentPackage.TryFromFiles(files, out _, out var why));
        Assert.StartsWith(reason, why, StringComparison.Ordinal);
    }
}
