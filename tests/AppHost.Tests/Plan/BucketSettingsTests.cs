using System.Collections;
using StellaOps.Telemetry.AppHost.Plan;
using StellaOps.Telemetry.Contracts;

namespace StellaOps.Telemetry.AppHost.Tests.Plan;

public sealed class BucketSettingsTests
{
    [Fact]
    public void Give_SettingsOfABucket_GoToWhoHasAnArchiveInsteadOfItsFolder()
    {
        var settings = BucketSettings.Of(new Hashtable
        {
            ["Stella__Archive__S3__Bucket"] = "telemetry",
            ["Stella__Archive__S3__AccessKeyFile"] = "keys/access",
            ["Stella__Archive__S3__Region"] = "",
            ["PATH"] = "/bin",
        });
        var gateway = new Dictionary<string, string> { [KnownEnvironment.ArchivePath] = "/state/archive", ["other"] = "x" };
        var profiles = new Dictionary<string, string> { ["other"] = "x" };

        BucketSettings.Give(settings, gateway);
        BucketSettings.Give(settings, profiles);

        Assert.Equal(
            new Dictionary<string, string>
            {
                ["other"] = "x",
                ["Stella__Archive__S3__Bucket"] = "telemetry",
                ["Stella__Archive__S3__AccessKeyFile"] = Path.GetFullPath("keys/access"),
            },
            gateway);
        Assert.Single(profiles);
    }

    [Fact]
    public void Give_NoSettings_LeavesTheFolder()
    {
        var gateway = new Dictionary<string, string> { [KnownEnvironment.ArchivePath] = "/state/archive" };

        BucketSettings.Give(BucketSettings.Of(new Hashtable { ["PATH"] = "/bin" }), gateway);

        Assert.Equal("/state/archive", Assert.Single(gateway).Value);
    }
}
