using System.Diagnostics;
using StellaOps.Telemetry.Benchmarks.Harness.Pipelines;

namespace StellaOps.Telemetry.Benchmarks.Harness.Scenarios;

/// <summary>Finds what a gateway takes: four connections, each sending as soon as its answer is there.</summary>
internal static class Capacity
{
    /// <summary>On one core the compiler competes with the load for a minute: before it is done, twice the rate found would be no overload.</summary>
    private const int MaxLooks = 18;
    private const double SteadyWithin = 1.03;

    /// <summary>Records a second that were acknowledged once that did not rise any more, and of all of them how many.</summary>
    public static async Task<(double PerSecond, long Acknowledged)> FindAsync(Scene scene, Middle middle, double seconds, int? core = null)
    {
        await using var generator = await scene.LoadAsync(new Pipeline("capacity", middle), core);
        double best = 0;
        var steady = 0;
        for (var look = 0; look < MaxLooks && steady < 3; look++)
        {
            var rate = await RateAsync(generator, seconds);
            steady = rate < best * SteadyWithin ? steady + 1 : 0;
            best = Math.Max(best, rate);
        }

        return (await RateAsync(generator, seconds), Scene.Count(await generator.AskAsync("stop"), "acknowledged"));
    }

    private static async Task<double> RateAsync(Processes.ChildProcess generator, double seconds)
    {
        var before = Scene.Count(await generator.AskAsync("mark"), "acknowledged");
        var begin = Stopwatch.GetTimestamp();
        await Task.Delay(TimeSpan.FromSeconds(seconds));
        var after = Scene.Count(await generator.AskAsync("mark"), "acknowledged");
        return (after - before) / Stopwatch.GetElapsedTime(begin).TotalSeconds;
    }
}
