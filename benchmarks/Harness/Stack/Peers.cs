using System.Globalization;
using StellaOps.Telemetry.Benchmarks.Harness.Pipelines;
using StellaOps.Telemetry.Benchmarks.Harness.Processes;
using StellaOps.Telemetry.Tests.Shared.Processes;
using StellaOps.Telemetry.Tests.Shared.Stack;

namespace StellaOps.Telemetry.Benchmarks.Harness.Stack;

/// <summary>Starts sink, floor and generator.</summary>
internal static class Peers
{
    private static readonly Dictionary<string, string> s_nothing = [];

    public static async Task<SinkPeer> SinkAsync(string folder, int? core = null)
    {
        var url = NewUrl();
        var process = new ChildProcess(BuiltProgram.Find("Benchmarks.Peers"), ["sink", url.ToString()], s_nothing, Path.Combine(folder, "sink.log"), core);
        await process.ReadAsync();
        return new SinkPeer(process, url);
    }

    public static async Task<(ChildProcess Process, Uri Url)> FloorAsync(string folder, Uri target, bool isTuned)
    {
        var url = NewUrl();
        var process = new ChildProcess(
            BuiltProgram.Find("Benchmarks.Peers"), [isTuned ? "tuned-floor" : "floor", url.ToString(), target.ToString()], s_nothing, Path.Combine(folder, "floor.log"), core: null);
        await process.ReadAsync();
        return (process, url);
    }

    public static async Task<ChildProcess> GeneratorAsync(string folder, Pipeline pipeline, Uri target, IEnumerable<string> keys, int? core = null)
    {
        var keyFile = Path.Combine(folder, "keys.txt");
        await File.WriteAllLinesAsync(keyFile, keys);
        string[] arguments =
        [
            "--target", target.ToString(),
            "--protocol", pipeline.IsHttp ? "http" : "grpc",
            "--signal", pipeline.Signal,
            "--connections", pipeline.Connections.ToString(CultureInfo.InvariantCulture),
            "--rate", pipeline.Rate.ToString(CultureInfo.InvariantCulture),
            "--open-loop", pipeline.OpenLoop.ToString(CultureInfo.InvariantCulture),
            "--keys", keyFile,
            .. pipeline.IsGzip ? (string[])["--gzip"] : [],
        ];
        var process = new ChildProcess(BuiltProgram.Find("Benchmarks.LoadGenerator"), arguments, s_nothing, Path.Combine(folder, "generator.log"), core);
        await process.ReadAsync();
        return process;
    }

    /// <summary>A port whose neighbour above is free as well: the sink listens on both.</summary>
    private static Uri NewUrl()
    {
        while (true)
        {
            var port = FreePort.Next();
            if (port < ushort.MaxValue && FreePort.IsFree(port + 1))
            {
                return new Uri($"http://127.0.0.1:{port}/");
            }
        }
    }
}

/// <summary>The null sink, running.</summary>
internal sealed class SinkPeer(ChildProcess process, Uri url) : IAsyncDisposable
{
    public ChildProcess Process { get; } = process;

    public Uri Url { get; } = url;

    public async Task<long> RecordsAsync(string signal) => (await Process.AskAsync("count")).GetProperty(signal).GetInt64();

    public ValueTask DisposeAsync() => Process.DisposeAsync();
}
