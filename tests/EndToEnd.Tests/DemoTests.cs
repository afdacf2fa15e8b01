using System.Globalization;
using System.Text.RegularExpressions;
using StellaOps.Telemetry.Tests.Shared;
using StellaOps.Telemetry.Tests.Shared.Stack;

namespace StellaOps.Telemetry.EndToEnd.Tests;

/// <summary>The story that a new user sees.</summary>
public sealed partial class DemoTests
{
    private const int Steps = 10;

    [Fact]
    public async Task Demo_NoStackRuns_StartsItsOwnAndEveryStepHolds()
    {
        var elsewhere = Directory.CreateTempSubdirectory("stella-demo-test-").FullName;
        try
        {
            var demo = await ExternalTool.RunAsync("dotnet", [BuiltProgram.Find("Demo")], elsewhere, within: TimeSpan.FromMinutes(4));

            TestContext.Current.TestOutputHelper?.WriteLine(demo.Output);
            Assert.True(demo.ExitCode == 0, demo.Output + demo.Error);
            var held = StepThatHeld().Matches(demo.Output).Select(m => int.Parse(m.Groups[1].ValueSpan, CultureInfo.InvariantCulture));
            Assert.Equal(Enumerable.Range(1, Steps), held);
            Assert.Empty(Directory.EnumerateFileSystemEntries(elsewhere));
        }
        finally
        {
            Directory.Delete(elsewhere, recursive: true);
        }
    }

    [GeneratedRegex(@"^ *(\d+)/10 ok ", RegexOptions.Multiline)]
    private static partial Regex StepThatHeld();
}
