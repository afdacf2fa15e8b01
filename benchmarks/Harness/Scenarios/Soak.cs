using System.Diagnostics;
using StellaOps.Telemetry.Benchmarks.Harness.Pipelines;

namespace StellaOps.Telemetry.Benchmarks.Harness.Scenarios;

/// <summary>Offers a share of the capacity for long, and says whether memory and latency stay where they were.</summary>
internal static class Soak
{
    /// <summary>A last third this much above the first one is growth; less is what a shared machine does.</summary>
    private const double MaxMemoryGrowth = 0.10;
    private const double MaxLatencyGrowth = 0.50;
    private const double SettleSeconds = 60;

    public static async Task<int> RunAsync(ScenarioOptions options)
    {
        await using var scene = await Scene.StartAsync(options, new SceneSetup());
        var (capacity, before) = await Capacity.FindAsync(scene, options.Pipeline, options.Seconds);
        var rate = capacity * options.Load;
        Say($"capacity {capacity:0} records/s; soaking at {rate:0} records/s for {options.Minutes:0.#} minutes");
        await using var generator = await scene.LoadAsync(new Pipeline("soak", options.Pipeline) { Rate = rate });
        await Task.Delay(TimeSpan.FromSeconds(Math.Min(SettleSeconds, options.Minutes * 10)));
        await generator.AskAsync("mark");

        var samples = new List<Sample>();
        var (begin, last, cpu) = (Stopwatch.GetTimestamp(), 0L, scene.Gateway.Usage.CpuSeconds());
        Console.Out.WriteLine($"{"minute",6} {"records/s",10} {"CPU-s/M",8} {"RSS MiB",8} {"p50 ms",8} {"p99 ms",8} {"refused",8}");
        var every = TimeSpan.FromSeconds(Math.Min(60, options.Minutes * 60 / 6));
        while (Stopwatch.GetElapsedTime(begin) < TimeSpan.FromMinutes(options.Minutes))
        {
            await Task.Delay(every);
            var mark = await generator.AskAsync("mark");
            var (all, cpuNow) = (Scene.Count(mark, "acknowledged"), scene.Gateway.Usage.CpuSeconds());
            var sample = new Sample(scene.Gateway.Usage.MemoryMiB(), mark.GetProperty("p50_ms").GetDouble(), mark.GetProperty("p99_ms").GetDouble());
            if (last > 0)
            {
                samples.Add(sample);
                Say($"{Stopwatch.GetElapsedTime(begin).TotalMinutes,6:0.0} {(all - last) / every.TotalSeconds,10:0} {(cpuNow - cpu) * 1_000_000 / Math.Max(1, all - last),8:0.00} {sample.Memory,8:0} {sample.P50,8:0.00} {sample.P99,8:0.00} {Scene.Count(mark, "refused"),8}");
            }

            (last, cpu) = (all, cpuNow);
        }

        var acknowledged = before + Scene.Count(await generator.AskAsync("stop"), "acknowledged");
        var (exported, sampledOut) = await Stack.Drain.WaitAsync("traces", acknowledged, scene.Sink, scene.Gateway);
        return Judge(samples, acknowledged - exported - sampledOut);
    }

    private static int Judge(List<Sample> samples, long lost)
    {
        var third = Math.Max(1, samples.Count / 3);
        double Growth(Func<Sample, double> of) => (samples[^third..].Average(of) / samples[..third].Average(of)) - 1;
        var (memory, latency) = (Growth(s => s.Memory), Growth(s => s.P99));
        var isFlat = memory <= MaxMemoryGrowth && latency <= MaxLatencyGrowth;
        Say($"last third against the first: memory {memory * 100:+0.0;-0.0} %, p99 {latency * 100:+0.0;-0.0} %: {(isFlat ? "flat" : "NOT flat")}; lost {lost}");
        return isFlat && lost == 0 ? 0 : 1;
    }

    private static void Say(FormattableString text) => Console.Out.WriteLine(FormattableString.Invariant(text));

    private sealed record Sample(double Memory, double P50, double P99);
}
