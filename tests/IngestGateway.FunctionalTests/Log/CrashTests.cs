using StellaOps.Telemetry.Tests.Shared;
using StellaOps.Telemetry.Tests.Shared.Stack;

namespace StellaOps.Telemetry.IngestGateway.FunctionalTests.Log;

/// <summary>The short form of <c>eng/crash.sh</c>.</summary>
public sealed class CrashTests
{
    [Theory]
    [InlineData("write", "1")]
    [InlineData("fsync", "2")]
    public async Task Gateway_KilledUnderLoad_KeepsWhatItAcknowledged(string durability, string seed)
    {
        var run = await ExternalTool.RunAsync(
            "dotnet", [BuiltProgram.Find("Crash"), "--kills", "5", "--seed", seed, "--durability", durability], within: TimeSpan.FromMinutes(4));

        TestContext.Current.TestOutputHelper?.WriteLine(run.Output);
        Assert.True(run.ExitCode == 0, run.Output + run.Error);
        Assert.Matches(@"5 kills, \d+ records acknowledged, \d+ arrived, 0 missing", run.Output);
    }
}
