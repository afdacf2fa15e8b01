using System.Globalization;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.NoEmit;

namespace StellaOps.Telemetry.Benchmarks.Micro;

/// <summary>Time and allocated bytes per span of each hot path.</summary>
public class HotPathBenchmarks
{
    private DirectoryInfo? _folder;
    private HotPaths? _paths;
    private Action _run = () => { };

    /// <summary>Which one.</summary>
    [Params("validate", "redact", "walk", "slice", "append", "append-and-sample")]
    public string Path { get; set; } = "";

    /// <summary>Runs them; 1 when one allocates more than its budget or did not run.</summary>
    public static int Run(string[] arguments)
    {
        // In this process: what the benchmarks measure is internal to the gateway, and another build would have to be let in as well.
        var config = ManualConfig.Create(DefaultConfig.Instance)
            .AddJob(Job.ShortRun.WithToolchain(InProcessNoEmitToolchain.Instance))
            .AddDiagnoser(MemoryDiagnoser.Default);
        var summary = BenchmarkRunner.Run<HotPathBenchmarks>(config, arguments[1..]);
        var budgets = Budgets.Load();
        var isWithin = summary.Reports.Length > 0;
        foreach (var report in summary.Reports)
        {
            var name = (string)report.BenchmarkCase.Parameters[nameof(Path)];
            var allocated = report.GcStats.GetBytesAllocatedPerOperation(report.BenchmarkCase);
            isWithin &= report.Success && allocated <= budgets[name];
            Console.Out.WriteLine($"{name}: {allocated?.ToString(CultureInfo.InvariantCulture) ?? "unknown"} bytes a record, budget {budgets[name].ToString(CultureInfo.InvariantCulture)}");
        }

        return isWithin ? 0 : 1;
    }

    [GlobalSetup]
    public void SetUp()
    {
        _folder = Directory.CreateTempSubdirectory("stella-micro-");
        _paths = new HotPaths(_folder.FullName);
        _run = _paths.All.Single(p => p.Name == Path).Run;
    }

    [GlobalCleanup]
    public void CleanUp()
    {
        _paths?.Dispose();
        _folder?.Delete(recursive: true);
    }

    [Benchmark(OperationsPerInvoke = HotPath.Records)]
    public void Span() => _run();
}
