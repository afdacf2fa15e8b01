using StellaOps.Telemetry.Tests.Shared;
using StellaOps.Telemetry.Tests.Shared.Stack;

namespace StellaOps.Telemetry.Archive.Tests.Compaction;

/// <summary>The short form of <c>eng/archive-crash.sh</c>.</summary>
public sealed class CrashLoopTests
{
    [Fact]
    public async Task Kill_WriterCompactorAndRootWriter_NothingIsWrongOrLost()
    {
        var result = await ExternalTool.RunAsync(ExternalTool.Require("dotnet"), [BuiltProgram.Find("ArchiveCrash"), "--kills", "6", "--seed", "7"], within: TimeSpan.FromMinutes(2));

        TestContext.Current.TestOutputHelper?.WriteLine(result.Output);
        Assert.True(result.ExitCode == 0, result.Output + result.Error);
        Assert.Contains("6 kills", result.Output, StringComparison.Ordinal);
    }
}
