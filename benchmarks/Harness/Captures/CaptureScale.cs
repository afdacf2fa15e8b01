using System.Diagnostics;
using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Benchmarks.Harness.Reporting;
using StellaOps.Telemetry.Contracts.Captures;

namespace StellaOps.Telemetry.Benchmarks.Harness.Captures;

/// <summary>An archive of many spans, and the capture of one tenant's hour of it: how long, at what cost, with how much memory.</summary>
internal static class CaptureScale
{
    private const double Million = 1_000_000;

    public static async Task<int> RunAsync(CaptureScaleOptions options)
    {
        try
        {
            return await MeasureAsync(options);
        }
        finally
        {
            if (Directory.Exists(options.Folder))
            {
                Directory.Delete(options.Folder, recursive: true);
            }
        }
    }

    private static async Task<int> MeasureAsync(CaptureScaleOptions options)
    {
        var archive = Path.Combine(options.Folder, "archive");
        var started = Stopwatch.GetTimestamp();
        var (segments, stored, content) = await new ArchiveGenerator(options, new FolderObjectStore(archive), Path.Combine(options.Folder, "spool")).FillAsync();
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        Say($"{options.Spans / Million:0.##} million spans of {options.Tenants} tenants from {options.Gateways} gateways: {segments} segments, {content / 1e9:0.0} GB of content in {stored / 1e9:0.00} GB; written in {seconds:0} s ({options.Spans / seconds / 1000:0} thousand a second)");

        var jobs = new List<CaptureResponse>();
        var peak = 0.0;
        for (var i = 1; i <= options.Captures; i++)
        {
            var (job, ofThis) = await CaptureAsync(options, archive, i);
            jobs.Add(job);
            peak = Math.Max(peak, ofThis);
        }

        var expected = options.Spans / options.Tenants / options.Gateways / 100 * 100 * options.Gateways;
        var found = string.Join(", ", jobs.Select(j => j.Failure ?? FormattableString.Invariant($"{j.Records.GetValueOrDefault("traces")}")));
        var hashes = jobs.Select(j => j.ArchiveHash).Distinct().ToList();
        return Verdict.Print(
            ($"every one of the hour's {expected} spans is in the bundle: {found}", jobs.All(j => j.State == CaptureState.Succeeded && j.Records.GetValueOrDefault("traces") == expected)),
            ($"all captures have the same archive hash: {string.Join(", ", hashes)}", hashes.Count == 1),
            ($"memory of the worker stayed below {options.MemoryLimitMiB:0} MiB: {peak:0} MiB", peak < options.MemoryLimitMiB));
    }

    private static async Task<(CaptureResponse Job, double PeakMiB)> CaptureAsync(CaptureScaleOptions options, string archive, int number)
    {
        var bundles = Path.Combine(options.Folder, $"bundles-{number}");
        await using var worker = await CaptureWorkerProcess.StartAsync(archive, bundles, $"worker-{number}", options.Settings);
        var idle = worker.Usage.MemoryMiB();
        var cpuBefore = worker.Usage.CpuSeconds();
        var job = await worker.Client.CreateAsync(new CreateCaptureRequest(ArchiveGenerator.TenantOf(0), ArchiveGenerator.Hour, ArchiveGenerator.Hour.AddHours(1)), null, CancellationToken.None);
        var watch = Stopwatch.GetTimestamp();
        var (phase, since) = ("queued", watch);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(500));
        while (job.State is CaptureState.Queued or CaptureState.Running)
        {
            await timer.WaitForNextTickAsync();
            job = await worker.Client.GetAsync(job.Id, CancellationToken.None);
            if ((job.Phase ?? "done") is var now && now != phase)
            {
                Say($"  {phase}: {Stopwatch.GetElapsedTime(since).TotalSeconds:0.0} s, memory {worker.Usage.MemoryMiB():0} MiB");
                (phase, since) = (now, Stopwatch.GetTimestamp());
            }
        }

        var seconds = Stopwatch.GetElapsedTime(watch).TotalSeconds;
        var cpu = worker.Usage.CpuSeconds() - cpuBefore;
        var records = job.Records.GetValueOrDefault("traces");
        var peak = worker.Usage.PeakMemoryMiB();
        var parts = job.Files.Count(f => f.Name.EndsWith(".tar.zst", StringComparison.Ordinal));
        Say($"capture {number}: {job.State}, {records} spans in {seconds:0.0} s ({records / seconds / 1000:0} thousand a second), {cpu:0.0} CPU-s ({cpu * Million / Math.Max(1, records):0.0} a million)");
        Say($"  memory {peak:0} MiB at most, {idle:0} MiB before; bundle {parts} parts, {job.Files.Sum(f => f.Bytes) / 1e9:0.00} GB");
        Directory.Delete(bundles, recursive: true);
        return (job, peak);
    }

    private static void Say(FormattableString text) => Console.Out.WriteLine(FormattableString.Invariant(text));
}
