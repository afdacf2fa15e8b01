using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Archive.Objects.S3;
using StellaOps.Telemetry.Tests.Shared.S3;

namespace StellaOps.Telemetry.Benchmarks.Harness.Archive;

/// <summary>Puts objects of a segment's size into a bucket on loopback and reads them back, beside the same with a folder.</summary>
internal static class BucketRun
{
    public static async Task<int> RunAsync(BucketOptions options)
    {
        await using var server = await S3Server.StartNewAsync();
        var folder = Directory.CreateTempSubdirectory("stella-bucket-");
        try
        {
            var settings = new S3Options
            {
                Endpoint = server.Url.ToString(),
                Bucket = S3Server.Bucket,
                AccessKeyFile = server.AccessKeyFile,
                SecretKeyFile = server.SecretKeyFile,
                ServerSideEncryption = "none",
            };
            using var bucket = new S3ObjectStore(settings, new S3Connections(() => new SocketsHttpHandler { UseProxy = false }, _ => false), TimeProvider.System, NullLogger.Instance);
            var content = new byte[options.MiB << 20];
            new Random(1).NextBytes(content);
            Console.WriteLine($"| store | put MB/s | get MB/s | CPU-s/GB of ours, put | get | peak MiB |");
            Console.WriteLine("|---|---|---|---|---|---|");
            for (var round = 0; round < options.Rounds; round++)
            {
                await MeasureAsync($"bucket ({S3Server.Kind.ToString().ToLowerInvariant()})", bucket, content, options);
                await MeasureAsync("folder", new FolderObjectStore(folder.FullName), content, options);
            }

            return 0;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task MeasureAsync(string name, IObjectStore store, byte[] content, BucketOptions options)
    {
        var put = await TimeAsync(options, async key =>
        {
            using var stream = new MemoryStream(content, writable: false);
            await store.PutAsync(key, stream, CancellationToken.None);
        });
        var get = await TimeAsync(options, async key =>
        {
            await using var stream = await store.OpenReadAsync(key, CancellationToken.None);
            var buffer = new byte[128 * 1024];
            var length = 0L;
            while (await stream.ReadAsync(buffer) is var read && read > 0)
            {
                length += read;
            }

            if (length != content.Length)
            {
                throw new InvalidOperationException($"{key} has {length} bytes and should have {content.Length}");
            }
        });
        for (var i = 0; i < options.Objects; i++)
        {
            await store.DeleteAsync(KeyOf(i), CancellationToken.None);
        }

        var gigabytes = (double)options.Objects * content.Length / 1e9;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {name} | {gigabytes * 1000 / put.Seconds:0} | {gigabytes * 1000 / get.Seconds:0} | {put.Processor / gigabytes:0.00} | {get.Processor / gigabytes:0.00} | {Process.GetCurrentProcess().PeakWorkingSet64 >> 20} |"));
    }

    private static async Task<(double Seconds, double Processor)> TimeAsync(BucketOptions options, Func<string, Task> work)
    {
        var (clock, before) = (Stopwatch.StartNew(), Environment.CpuUsage.TotalTime);
        await System.Threading.Tasks.Parallel.ForEachAsync(
            Enumerable.Range(0, options.Objects), new ParallelOptions { MaxDegreeOfParallelism = options.Parallel }, async (i, _) => await work(KeyOf(i)));
        return (clock.Elapsed.TotalSeconds, (Environment.CpuUsage.TotalTime - before).TotalSeconds);
    }

    private static string KeyOf(int number) => string.Create(CultureInfo.InvariantCulture, $"bench/{number:d4}");
}
