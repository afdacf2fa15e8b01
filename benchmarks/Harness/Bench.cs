using System.Diagnostics;
using System.Globalization;
using StellaOps.Telemetry.Benchmarks.Harness.Pipelines;
using StellaOps.Telemetry.Benchmarks.Harness.Processes;
using StellaOps.Telemetry.Benchmarks.Harness.Reporting;
using StellaOps.Telemetry.Benchmarks.Harness.Stack;

namespace StellaOps.Telemetry.Benchmarks.Harness;

/// <summary>
/// One measurement: 1. start sink, what is measured, generator; 2. load until everything is compiled and every buffer has its size; 3. the
/// window: processor time by the operating system, records by acknowledgements; 4. stop the load, wait until nothing is pending; 5. count
/// what is missing.
/// </summary>
internal sealed class Bench(HarnessOptions options, ControlPlane plane)
{
    /// <summary>
    /// The compiler competes with a saturated gateway for two cores: after 6 s a run costs up to half more than after 14. Decisions begin after
    /// decision_wait, 5 s.
    /// </summary>
    public const double WarmUpSeconds = 14;

    /// <summary>Of a pipeline that is measured once, so that the whole command keeps within its 15 minutes.</summary>
    private const double SingleRunShare = 0.5;

    private readonly LogFiles _logFiles = new(Workspace.LogFiles);
    private int _runs;

    public async Task<Measurement> MeasureAsync(Pipeline pipeline)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Workspace.Root, $"{++_runs}-{pipeline.Name.Replace('/', '-')}")).FullName;
        if (pipeline.IsWithoutNetwork)
        {
            return await NoNetwork.MeasureAsync(pipeline, options.Seconds, folder);
        }

        await using var sink = await Peers.SinkAsync(folder);
        await using var middle = await MiddleProcess.StartAsync(pipeline.Middle, sink.Url, folder, options, plane, _logFiles);
        await using var generator = await Peers.GeneratorAsync(folder, pipeline, pipeline.IsHttp ? middle.HttpUrl : middle.GrpcUrl, plane.Keys.Take(pipeline.Tenants));

        await Task.Delay(TimeSpan.FromSeconds(options.WarmUp ?? WarmUpSeconds));
        if (pipeline.Rate > 0)
        {
            // What the warm-up left overdue is not of the window.
            await generator.TellAsync(string.Create(CultureInfo.InvariantCulture, $"rate {pipeline.Rate:0}"));
        }

        var before = await ReadAsync(generator, middle, sink);
        await Task.Delay(TimeSpan.FromSeconds(pipeline.IsNamed ? options.Seconds : options.Seconds * SingleRunShare));
        var after = await ReadAsync(generator, middle, sink);
        var peak = middle.Usage?.PeakMemoryMiB() ?? sink.Process.Usage.PeakMemoryMiB();
        var last = await generator.AskAsync("stop");
        var acknowledged = last.GetProperty("acknowledged").GetInt64();
        var (exported, sampledOut) = await Drain.WaitAsync(pipeline.Signal, acknowledged, sink, middle.Gateway);
        if (middle.Usage is not null)
        {
            peak = Math.Max(peak, middle.Usage.PeakMemoryMiB());
        }

        var records = after.Acknowledged - before.Acknowledged;
        return new Measurement
        {
            CpuPerMillion = PerMillion(after.Middle - before.Middle, records),
            GeneratorCpuPerMillion = PerMillion(after.Generator - before.Generator, records),
            SinkCpuPerMillion = PerMillion(after.Sink - before.Sink, records),
            RecordsPerSecond = records / Stopwatch.GetElapsedTime(before.At, after.At).TotalSeconds,
            PeakMemoryMiB = peak,
            Acknowledged = acknowledged,
            Exported = exported,
            SampledOut = sampledOut,
            Refused = last.GetProperty("refused").GetInt64(),
            Failed = last.GetProperty("failed").GetInt64() + last.GetProperty("lost").GetInt64(),
            Refusals = middle.Gateway is { } gateway ? await gateway.RefusalsAsync() : new Dictionary<string, long>(),
            P50Ms = after.P50Ms,
            P99Ms = after.P99Ms,
        };
    }

    private static async Task<Reading> ReadAsync(ChildProcess generator, MiddleProcess middle, SinkPeer sink)
    {
        var mark = await generator.AskAsync("mark");
        return new Reading(
            Stopwatch.GetTimestamp(),
            mark.GetProperty("acknowledged").GetInt64(),
            middle.Usage?.CpuSeconds() ?? sink.Process.Usage.CpuSeconds(),
            generator.Usage.CpuSeconds(),
            middle.Usage is null ? 0 : sink.Process.Usage.CpuSeconds(),
            mark.GetProperty("p50_ms").GetDouble(),
            mark.GetProperty("p99_ms").GetDouble());
    }

    private static double PerMillion(double cpuSeconds, long records) => cpuSeconds * 1_000_000 / Math.Max(1, records);

    private sealed record Reading(long At, long Acknowledged, double Middle, double Generator, double Sink, double P50Ms, double P99Ms);
}
