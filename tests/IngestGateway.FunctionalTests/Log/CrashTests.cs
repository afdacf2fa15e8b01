using StellaOps.Telemetry.Tests.Shared;
using StellaOps.Telemetry.Tests.Shared.S3;
using StellaOps.Telemetry.Tests.Shared.Stack;

namespace StellaOps.Telemetry.IngestGateway.FunctionalTests.Log;

/// <summary>The short form of <c>eng/crash.sh</c>.</summary>
public sealed class CrashTests
{
    [Theory]
    [InlineData("write", "1", "folder", 5)]
    [InlineData("fsync", "2", "folder", 5)]
    [InlineData("write", "3", "s3", 3)]
    public async Task Gateway_KilledUnderLoad_KeepsWhatItAcknowledged(string durability, string seed, string archive, int kills)
    {
        if (archive == "s3")
        {
            S3Server.RequireProgram();
        }

        var run = await ExternalTool.RunAsync(
            "dotnet",
            [BuiltProgram.Find("Crash"), "--kills", kills.ToString(), "--seed", seed, "--durability", durability, "--archive", archive],
            within: TimeSpan.FromMinutes(4));

        TestContext.Current.TestOutputHelper?.WriteLine(run.Output);
        Assert.True(run.ExitCode == 0, run.Output + run.Error);
        Assert.Matches(@"\d kills, \d+ records acknowledged, \d+ arrived, 0 missing", run.Output);
        Assert.Contains("0 missing in the archive, 0 there twice", run.Output, StringComparison.Ordinal);
    }
}
