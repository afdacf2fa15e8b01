using StellaOps.Telemetry.Benchmarks.Harness.Reporting;
using StellaOps.Telemetry.Benchmarks.Harness.Stack;
using StellaOps.Telemetry.Tests.Shared.Processes;

namespace StellaOps.Telemetry.Benchmarks.Harness;

/// <summary>Measures the chosen pipelines, round by round, and prints the table.</summary>
internal static class HarnessCommand
{
    public static async Task<int> RunAsync(string[] args)
    {
        HarnessOptions options;
        try
        {
            options = HarnessOptions.Parse(args);
        }
        catch (Exception e) when (e is ArgumentException or FormatException or IndexOutOfRangeException)
        {
            await Console.Error.WriteLineAsync($"{e.Message}; eng/bench.sh --help shows what there is");
            return 2;
        }

        var results = await MeasureAsync(options);
        Table.Write(results, Console.Out);
        if (options.JsonFile is { } file)
        {
            await File.WriteAllTextAsync(file, ResultJson.Serialize(results));
        }

        return 0;
    }

    private static async Task<IReadOnlyList<Result>> MeasureAsync(HarnessOptions options)
    {
        var root = Path.Combine(Repository.Root, "artifacts", "benchmarks");
        await using var plane = await ControlPlane.StartAsync(tenants: 1);
        var bench = new Bench(options, plane, root);
        var measured = options.Pipelines.ToDictionary(p => p.Name, _ => new List<Measurement>());
        try
        {
            for (var round = 0; round < options.Runs; round++)
            {
                foreach (var pipeline in options.Pipelines.Where(p => p.IsNamed || round == 0))
                {
                    var measurement = await bench.MeasureAsync(pipeline);
                    measured[pipeline.Name].Add(measurement);
                    await Console.Error.WriteLineAsync(Table.Progress(pipeline, measurement));
                }
            }
        }
        finally
        {
            if (!options.Keep && Directory.Exists(root))
            {
                Directory.Delete(root, recursive: true);
            }
        }

        return [.. options.Pipelines.Select(p => Result.Of(p, measured[p.Name]))];
    }
}
