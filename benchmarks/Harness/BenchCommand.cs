using StellaOps.Telemetry.Benchmarks.Harness.Reporting;
using StellaOps.Telemetry.Benchmarks.Harness.Stack;

namespace StellaOps.Telemetry.Benchmarks.Harness;

/// <summary>Measures the chosen pipelines, round by round, and prints the table.</summary>
internal static class BenchCommand
{
    public static async Task<int> RunAsync(string[] args)
    {
        var options = HarnessOptions.Parse(args);
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
        await using var plane = await ControlPlane.StartAsync(tenants: 1);
        var bench = new Bench(options, plane);
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
            if (!options.Keep)
            {
                Workspace.Delete();
            }
        }

        return [.. options.Pipelines.Select(p => Result.Of(p, measured[p.Name], measured.GetValueOrDefault("floor") ?? []))];
    }
}
