using System.Globalization;
using StellaOps.Telemetry.Benchmarks.Harness.Pipelines;

namespace StellaOps.Telemetry.Benchmarks.Harness.Reporting;

/// <summary>The results for people.</summary>
internal static class Table
{
    private const string Form = "{0,-22} {1,-9} {2,-10} {3,4} {4,8} {5,7} {6,10} {7,6} {8,8} {9,6} {10,8} {11,8} {12,6} {13,6} {14,8}";

    public static void Write(IReadOnlyList<Result> results, TextWriter output)
    {
        output.WriteLine();
        output.WriteLine(Line("pipeline", "load", "ack after", "conn", "CPU-s/M", "-floor", "spans/s", "% of 2", "peak MiB", "lost", "p50 ms", "p99 ms", "gen/M", "sink/M", "refused"));
        foreach (var r in results)
        {
            output.WriteLine(Line(
                r.Pipeline,
                r.Load,
                r.Acknowledged,
                r.RequestsInFlight,
                Number(r.CpuSPerMillionSpans, 2),
                r.CpuSAboveFloor is { } above ? Number(above, 2) : "",
                Number(r.SpansPerS, 0),
                Number(r.PercentOfAchievable, 0),
                Number(r.PeakRssMib, 0),
                r.Lost,
                Number(r.P50Ms, 2),
                Number(r.P99Ms, 2),
                Number(r.GeneratorCpuSPerMillionSpans, 2),
                Number(r.SinkCpuSPerMillionSpans, 2),
                r.RequestsRefused + r.RequestsFailed));
        }

        output.WriteLine();
        output.WriteLine("-floor: above the floor's run of the same round; the median where there are several.");
        output.WriteLine("CPU-s/M: processor seconds of the process per million records. conn: connections, each with one request in flight.");
        output.WriteLine("% of 2: of what the machine's cores could do, were none idle, after generator and sink have had theirs.");
    }

    public static string Progress(Pipeline pipeline, Measurement m) => string.Create(
        CultureInfo.InvariantCulture,
        $"{pipeline.Name,-22} {m.CpuPerMillion,6:0.00} CPU-s/M {m.RecordsPerSecond,10:0} /s {m.PeakMemoryMiB,6:0} MiB  lost {m.Lost}  refused {m.Refused} {string.Join(',', m.Refusals.Select(r => $"{r.Key}={r.Value}"))} failed {m.Failed}  gen {m.GeneratorCpuPerMillion:0.00}  sink {m.SinkCpuPerMillion:0.00}  p50 {m.P50Ms:0.00} ms  p99 {m.P99Ms:0.00} ms");

    private static string Line(params object[] cells) => string.Format(CultureInfo.InvariantCulture, Form, cells);

    private static string Number(double value, int digits) => value.ToString("F" + digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}
