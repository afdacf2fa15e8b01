using System.Globalization;
using StellaOps.Telemetry.Benchmarks.Harness.Pipelines;
using StellaOps.Telemetry.Benchmarks.Harness.Processes;
using StellaOps.Telemetry.Benchmarks.Harness.Reporting;
using StellaOps.Telemetry.Tests.Shared.Stack;

namespace StellaOps.Telemetry.Benchmarks.Harness;

/// <summary>The pipeline alone, in a process that makes its load itself (<c>benchmarks/Micro</c>): what is left when the network is taken away.</summary>
internal static class NoNetwork
{
    public static async Task<Measurement> MeasureAsync(Pipeline pipeline, double seconds, string folder)
    {
        await using var process = new ChildProcess(
            BuiltProgram.Find("Benchmarks.Micro"),
            ["pipeline", pipeline.Middle.ToString(), seconds.ToString(CultureInfo.InvariantCulture)],
            new Dictionary<string, string>(),
            Path.Combine(folder, "pipeline.log"),
            core: null);
        var line = await process.ReadAsync();
        return new Measurement
        {
            CpuPerMillion = line.GetProperty("cpu_s_per_million_spans").GetDouble(),
            GeneratorCpuPerMillion = 0,
            SinkCpuPerMillion = 0,
            RecordsPerSecond = line.GetProperty("spans_per_s").GetDouble(),
            PeakMemoryMiB = line.GetProperty("peak_rss_mib").GetDouble(),
            Acknowledged = 0,
            Exported = 0,
            SampledOut = 0,
            Refused = 0,
            Failed = 0,
            Refusals = new Dictionary<string, long>(),
            P50Ms = 0,
            P99Ms = 0,
        };
    }
}
