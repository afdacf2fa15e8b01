using StellaOps.Telemetry.Benchmarks.Harness.Pipelines;

namespace StellaOps.Telemetry.Benchmarks.Harness.Reporting;

/// <summary>A row of the table: the median of a pipeline's runs, figure by figure; of what was lost the worst.</summary>
internal sealed record Result(
    string Pipeline,
    double CpuSPerMillionSpans,
    double SpansPerS,
    double PeakRssMib,
    long Lost,
    double? CpuSAboveFloor,
    string Signal,
    string Protocol,
    bool Gzip,
    string Load,
    string Acknowledged,
    int RequestsInFlight,
    double GeneratorCpuSPerMillionSpans,
    double SinkCpuSPerMillionSpans,
    double PercentOfAchievable,
    double P50Ms,
    double P99Ms,
    long RequestsRefused,
    IReadOnlyDictionary<string, long> RefusalReasons,
    long RequestsFailed,
    int Runs,
    double[] CpuSOfRuns)
{
    /// <param name="floor">The floor's runs: a run is compared with that of its own round, since a shared machine is not equally fast in all.</param>
    public static Result Of(Pipeline pipeline, IReadOnlyList<Measurement> runs, IReadOnlyList<Measurement> floor)
    {
        var rate = Median.Of(runs, r => r.RecordsPerSecond);
        return new(
            pipeline.Name,
            Math.Round(Median.Of(runs, r => r.CpuPerMillion), 2),
            Math.Round(rate),
            Math.Round(Median.Of(runs, r => r.PeakMemoryMiB), 1),
            runs.Select(r => r.Lost).MaxBy(Math.Abs),
            floor.Count < runs.Count || pipeline.Name == "floor" ? null : Math.Round(Median.Of([.. runs.Zip(floor)], r => r.First.CpuPerMillion - r.Second.CpuPerMillion), 2),
            pipeline.Signal,
            pipeline.IsHttp ? "http" : "grpc",
            pipeline.IsGzip,
            pipeline.Rate > 0 ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{pipeline.Rate}/s") : "saturated",
            pipeline.Acknowledges,
            pipeline.Connections,
            Math.Round(Median.Of(runs, r => r.GeneratorCpuPerMillion), 2),
            Math.Round(Median.Of(runs, r => r.SinkCpuPerMillion), 2),
            Math.Round(Median.Of(runs, r => 100 * r.RecordsPerSecond / r.Achievable), 1),
            Median.Of(runs, r => r.P50Ms),
            Median.Of(runs, r => r.P99Ms),
            runs.Sum(r => r.Refused),
            runs.SelectMany(r => r.Refusals).GroupBy(r => r.Key).ToDictionary(g => g.Key, g => g.Sum(r => r.Value)),
            runs.Sum(r => r.Failed),
            runs.Count,
            [.. runs.Select(r => Math.Round(r.CpuPerMillion, 2))]);
    }
}
