using System.Diagnostics;
using System.Globalization;
using StellaOps.Telemetry.Archive.Search;
using StellaOps.Telemetry.Benchmarks.Harness.Reporting;
using StellaOps.Telemetry.Contracts;

namespace StellaOps.Telemetry.Benchmarks.Harness.Searching;

/// <summary>How fast the archive is searched, beside the decompression of the same files by itself, round by round.</summary>
internal static class SearchBench
{
    private const int WarmUps = 2;

    private static readonly Signal[] s_all = [Signal.Traces, Signal.Logs];
    private static readonly Signal[] s_logs = [Signal.Logs];

    public static async Task<int> RunAsync(SearchBenchOptions options)
    {
        var folder = Path.Combine(Workspace.Root, "search");
        try
        {
            var archive = await SampleArchive.WriteAsync(folder, (long)(options.GigaBytes * 1e9), options.SegmentMiB * 1024L * 1024);
            var (stored, content) = (archive.Segments.Sum(s => s.StoredBytes), archive.Segments.Sum(s => s.ContentBytes));
            Console.Out.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{content / 1e9:0.00} GB of content ({archive.Segments.Sum(s => s.Records) / 1e6:0.0} million records) in {archive.Segments.Count} segments of {stored / 1e9:0.000} GB: {(double)content / stored:0.0} to 1"));
            Row[] rows = [.. Rows(archive)];
            for (var round = -WarmUps; round < options.Rounds; round++)
            {
                foreach (var row in rows)
                {
                    var figures = await MeasureAsync(archive, row);
                    if (round >= 0)
                    {
                        row.Runs.Add(figures);
                    }
                }
            }

            Write(rows);
            return 0;
        }
        finally
        {
            Workspace.Delete();
        }
    }

    private static IEnumerable<Row> Rows(SampleArchive archive)
    {
        var cores = Environment.ProcessorCount;
        var there = Convert.ToHexString(archive.TraceId);
        var notThere = Convert.ToHexString([.. archive.TraceId.Select(b => (byte)(255 - b))]);
        yield return new Row("zstd -dc", s_all, 1, null);
        yield return new Row("zstd -dc, one a core", s_all, cores, null);
        yield return new Row("trace id, there", s_all, 1, new RecordQuery { TraceId = there });
        foreach (var parallelism in (int[])[1, cores])
        {
            yield return new Row("trace id, not there", s_all, parallelism, new RecordQuery { TraceId = notThere });
            yield return new Row("attribute, a text", s_all, parallelism, new RecordQuery { Attributes = [new("app.request.id", archive.RequestId)] });
            yield return new Row("attribute, a number", s_all, parallelism, new RecordQuery { Attributes = [new("http.response.status_code", "599")] });
        }

        yield return new Row("zstd -dc, logs", s_logs, 1, null);
        yield return new Row("text", s_logs, 1, new RecordQuery { Text = archive.Text });
        yield return new Row("text, not there", s_logs, 1, new RecordQuery { Text = "connection reset by peer" });
        yield return new Row("text, any case", s_logs, 1, new RecordQuery { Text = "Connection Reset By Peer", IgnoreCase = true });
        yield return new Row("text, a number", s_logs, 1, new RecordQuery { Text = "999999" });
        yield return new Row("severity, not there", s_logs, 1, new RecordQuery { MinSeverity = 21 });
    }

    private static async Task<Figures> MeasureAsync(SampleArchive archive, Row row)
    {
        var segments = archive.Segments.Where(s => row.Signals.Contains(s.Signal)).ToList();
        var gigaBytes = segments.Sum(s => s.ContentBytes) / 1e9;
        if (row.Query is null)
        {
            var (seconds, cpuSeconds) = await ZstdRun.MeasureAsync([.. segments.Select(s => Path.Combine(archive.Folder, s.SegmentKey))], row.Parallelism);
            return new Figures(gigaBytes / seconds, cpuSeconds / gigaBytes, 0);
        }

        var last = segments.Max(s => s.AcceptedToUnixNano) + 1;
        var query = new ArchiveQuery(SampleArchive.Tenant, SampleArchive.FromUnixNano, last, row.Signals, row.Query, 100_000) { Parallelism = row.Parallelism };
        var (progress, found) = (new SearchProgress(), 0);
        using var self = Process.GetCurrentProcess();
        var (started, cpu) = (Stopwatch.GetTimestamp(), self.TotalProcessorTime);
        await foreach (var _ in new ArchiveSearch(archive.Store).FindAsync(query, progress, CancellationToken.None))
        {
            found++;
        }

        var elapsed = Stopwatch.GetElapsedTime(started).TotalSeconds;
        self.Refresh();
        return progress.Scanned == segments.Count && progress.Damaged == 0
            ? new Figures(gigaBytes / elapsed, (self.TotalProcessorTime - cpu).TotalSeconds / gigaBytes, found)
            : throw new InvalidOperationException($"{progress.Scanned} of {segments.Count} segments were read");
    }

    private static void Write(Row[] rows)
    {
        Console.Out.WriteLine();
        Console.Out.WriteLine($"{"",-24} {"at once",7} {"GB/s",7} {"CPU-s/GB",9} {"of zstd",8} {"found",7}");
        Row? limit = null;
        foreach (var row in rows)
        {
            limit = row.Query is null && row.Parallelism == 1 ? row : limit;
            Console.Out.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{row.Name,-24} {row.Parallelism,7} {Median.Of(row.Runs, r => r.Speed),7:0.00} {Median.Of(row.Runs, r => r.Cost),9:0.00} {Median.Of(row.Runs.Zip(limit!.Runs), r => r.Second.Cost / r.First.Cost),8:P0} {row.Runs[0].Found,7}"));
        }

        Console.Out.WriteLine();
        Console.Out.WriteLine("GB/s: content by the clock. of zstd: processor time of zstd -dc for the same files in the same round, by that of the search.");
    }

    private sealed record Row(string Name, Signal[] Signals, int Parallelism, RecordQuery? Query)
    {
        public List<Figures> Runs { get; } = [];
    }

    private readonly record struct Figures(double Speed, double Cost, int Found);
}
