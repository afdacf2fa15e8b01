using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using StellaOps.Telemetry.Benchmarks.Harness.Pipelines;
using StellaOps.Telemetry.Benchmarks.Harness.Processes;
using StellaOps.Telemetry.Benchmarks.Harness.Reporting;
using StellaOps.Telemetry.Benchmarks.Harness.Stack;

namespace StellaOps.Telemetry.Benchmarks.Harness.Scenarios;

/// <summary>
/// The gateway on one core, everything else on the other. 1. Find the rate that it sustains; 2. offer twice that, in an open loop over many
/// connections; 3. end the load, and see when a sender at half the sustainable rate is served at once again; 4. count what is missing.
/// </summary>
internal static class Overload
{
    private const int GatewayCore = 0;
    private const int LoadCore = 1;

    /// <summary>Many senders with few requests each: of few connections with many, the overload would wait in the senders' sockets.</summary>
    private const int Connections = 256;
    private const int InFlightPerConnection = 4;
    private const double MaxRecoverySeconds = 5;

    /// <summary>Served at once: what a sender sees on an idle gateway, and room for a busy machine.</summary>
    private const double ServedMs = 250;
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(500);

    public static async Task<int> RunAsync(ScenarioOptions options)
    {
        await using var scene = await Scene.StartAsync(options, new SceneSetup { GatewayCore = GatewayCore, LoadCore = LoadCore });
        var (sustainable, before) = await Capacity.FindAsync(scene, options.Pipeline, options.Seconds, LoadCore);
        Say($"sustainable on one core: {sustainable:0} records/s");

        await using var probe = await scene.LoadAsync(new Pipeline("probe", options.Pipeline) { Rate = 1 }, LoadCore);
        await using var load = await scene.LoadAsync(
            new Pipeline("overload", options.Pipeline) { Rate = 2 * sustainable, OpenLoop = InFlightPerConnection, Connections = Connections }, LoadCore);
        await Task.Delay(TimeSpan.FromSeconds(3 * options.Seconds));
        var under = await load.AskAsync("mark");
        var memory = scene.Gateway.Usage.PeakMemoryMiB();
        Say($"offered {2 * sustainable:0}/s: {Describe(under)}");

        var end = Stopwatch.GetTimestamp();
        var recovering = RecoverAsync(probe, sustainable / 2, end);
        var last = await load.AskAsync("stop");
        var recovery = await recovering;
        var probed = await probe.AskAsync("stop");
        var acknowledged = before + Scene.Count(last, "acknowledged") + Scene.Count(probed, "acknowledged");
        var (exported, sampledOut) = await Drain.WaitAsync("traces", acknowledged, scene.Sink, scene.Gateway);
        memory = Math.Max(memory, scene.Gateway.Usage.PeakMemoryMiB());
        var refusals = await scene.Gateway.RefusalsAsync();
        Say($"refused, by reason: {string.Join(", ", refusals.Select(r => $"{r.Key} {r.Value}"))}");

        return Verdict.Print(
            ($"it refused requests: {Scene.Count(last, "refused")}", Scene.Count(last, "refused") > 0),
            ($"every refusal was retryable and said when to come back; {Scene.Count(last, "failed")} failed otherwise, {Scene.Count(last, "lost")} were lost", Scene.Count(last, "refused") == Scene.Count(last, "refused_with_delay") && Scene.Count(last, "failed") + Scene.Count(last, "lost") == 0),
            ($"memory stayed below {options.MemoryLimitMiB:0} MiB: {memory:0} MiB", memory <= options.MemoryLimitMiB),
            ($"everything accepted was delivered or sampled out: {acknowledged} = {exported} + {sampledOut}, {acknowledged - exported - sampledOut} missing", acknowledged == exported + sampledOut),
            ($"it recovered within {MaxRecoverySeconds:0} s of the load's end: {recovery:0.0} s", recovery <= MaxRecoverySeconds));
    }

    /// <summary>Seconds from the load's end to the first look in which nothing was refused and everything was served at once.</summary>
    private static async Task<double> RecoverAsync(ChildProcess probe, double rate, long end)
    {
        await probe.TellAsync(string.Create(CultureInfo.InvariantCulture, $"rate {rate:0}"));
        var last = await probe.AskAsync("mark");
        while (Stopwatch.GetElapsedTime(end).TotalSeconds < 60)
        {
            await Task.Delay(s_look);
            var mark = await probe.AskAsync("mark");
            if (Scene.Count(mark, "refused") == Scene.Count(last, "refused")
                && Scene.Count(mark, "acknowledged") > Scene.Count(last, "acknowledged")
                && mark.GetProperty("p99_ms").GetDouble() < ServedMs)
            {
                return Stopwatch.GetElapsedTime(end).TotalSeconds;
            }

            last = mark;
        }

        return double.PositiveInfinity;
    }

    private static string Describe(JsonElement mark) => string.Create(
        CultureInfo.InvariantCulture,
        $"acknowledged {Scene.Count(mark, "acknowledged")} records; requests refused {Scene.Count(mark, "refused")}, not sent because too many were in flight {Scene.Count(mark, "withheld")}; p50 {mark.GetProperty("p50_ms").GetDouble():0} ms, p99 {mark.GetProperty("p99_ms").GetDouble():0} ms");

    private static void Say(FormattableString text) => Console.Out.WriteLine(FormattableString.Invariant(text));
}
