using System.Diagnostics;
using StellaOps.Telemetry.Benchmarks.Harness.Pipelines;

namespace StellaOps.Telemetry.Benchmarks.Harness.Scenarios;

/// <summary>Finds what a gateway takes: four connections, each sending as soon as its answer is there.</summary>
internal static class Capacity
{
    private const double WarmUpSeconds = 10;

    /// <summary>Records a second that were acknowledged, and of all of them how many.</summary>
    public static async Task<(double PerSecond, long Acknowledged)> FindAsync(Scene scene, Middle middle, double seconds, int? core = null)
    {
        await using var generator = await scene.LoadAsync(new Pipeline("capacity", middle), core);
        await Task.Delay(TimeSpan.FromSeconds(WarmUpSeconds));
        var before = Scene.Count(await generator.AskAsync("mark"), "acknowledged");
        var begin = Stopwatch.GetTimestamp();
        await Task.Delay(TimeSpan.FromSeconds(seconds));
        var after = Scene.Count(await generator.AskAsync("mark"), "acknowledged");
        var elapsed = Stopwatch.GetElapsedTime(begin);
        return ((after - before) / elapsed.TotalSeconds, Scene.Count(await generator.AskAsync("stop"), "acknowledged"));
    }
}
