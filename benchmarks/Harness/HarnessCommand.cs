using StellaOps.Telemetry.Benchmarks.Harness.Archive;
using StellaOps.Telemetry.Benchmarks.Harness.Captures;
using StellaOps.Telemetry.Benchmarks.Harness.Fleet;
using StellaOps.Telemetry.Benchmarks.Harness.Incidents;
using StellaOps.Telemetry.Benchmarks.Harness.Scenarios;
using StellaOps.Telemetry.Benchmarks.Harness.Searching;

namespace StellaOps.Telemetry.Benchmarks.Harness;

/// <summary>What the scripts in eng/ start.</summary>
internal static class HarnessCommand
{
    public static async Task<int> RunAsync(string[] args)
    {
        try
        {
            return await (args switch
            {
                ["captures", .. var rest] => CaptureScale.RunAsync(CaptureScaleOptions.Parse(rest)),
                ["fleet", .. var rest] => FleetRun.RunAsync(FleetOptions.Parse(rest)),
                ["overload", .. var rest] => RunAsync(Overload.RunAsync, rest),
                ["s3", .. var rest] => BucketRun.RunAsync(BucketOptions.Parse(rest)),
                ["scale", .. var rest] => RunAsync(Scale.RunAsync, rest),
                ["search", .. var rest] => SearchBench.RunAsync(SearchBenchOptions.Parse(rest)),
                ["soak", .. var rest] => RunAsync(Soak.RunAsync, rest),
                ["storm", .. var rest] => RunAsync(Storm.RunAsync, rest),
                ["toggle", .. var rest] => Toggle.RunAsync(ToggleOptions.Parse(rest)),
                _ => BenchCommand.RunAsync(args),
            });
        }
        catch (Exception e) when (e is ArgumentException or FormatException or IndexOutOfRangeException)
        {
            await Console.Error.WriteLineAsync($"{e.Message}; --help shows what there is");
            return 2;
        }
    }

    private static async Task<int> RunAsync(Func<ScenarioOptions, Task<int>> scenario, string[] args)
    {
        var options = ScenarioOptions.Parse(args);
        try
        {
            return await scenario(options);
        }
        finally
        {
            Workspace.Delete();
        }
    }
}
