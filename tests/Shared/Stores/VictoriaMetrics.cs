using System.Globalization;
using StellaOps.Telemetry.Tests.Shared.Processes;

namespace StellaOps.Telemetry.Tests.Shared.Stores;

/// <summary>A real store of metrics, on loopback, with a folder of its own.</summary>
public sealed class VictoriaMetrics : IAsyncDisposable
{
    private readonly SupervisedProcess _process;
    private readonly DirectoryInfo _folder;

    private VictoriaMetrics(SupervisedProcess process, DirectoryInfo folder, Uri url)
    {
        (_process, _folder) = (process, folder);
        Http = new HttpClient { BaseAddress = url };
    }

    /// <summary>Its API.</summary>
    public HttpClient Http { get; }

    /// <summary>Its OTLP/HTTP endpoint.</summary>
    public Uri Otlp => new(Http.BaseAddress!, "opentelemetry");

    /// <summary>Starts it and waits until it answers. Without the program the test is skipped on a laptop and fails in CI.</summary>
    public static async Task<VictoriaMetrics> StartAsync()
    {
        var program = ExternalTool.Require("victoria-metrics");
        var port = FreePort.Next();
        var folder = Directory.CreateTempSubdirectory("stella-vm-");
        var process = SupervisedProcess.Start("TERM", [program, $"-httpListenAddr=127.0.0.1:{port}", $"-storageDataPath={folder.FullName}", "-retentionPeriod=1d"]);
        var store = new VictoriaMetrics(process, folder, new Uri($"http://127.0.0.1:{port}"));
        try
        {
            await Eventually.HoldsAsync(store.IsUpAsync, TimeSpan.FromSeconds(30), $"victoria-metrics answers: {process.Output}");
            return store;
        }
        catch
        {
            await store.DisposeAsync();
            throw;
        }
    }

    /// <summary>Asks, when all that came before can be found; the path has no time yet.</summary>
    /// <param name="timeParameter">The parameter that takes a time a minute from now: what has just arrived is left out of a query's default latency offset.</param>
    public async Task<string> AskAsync(string path, string timeParameter, CancellationToken cancellationToken)
    {
        using var flushed = await Http.GetAsync(new Uri("/internal/force_flush", UriKind.Relative), cancellationToken);
        var at = TimeProvider.System.GetUtcNow().AddSeconds(60).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        return await Http.GetStringAsync(new Uri($"{path}&{timeParameter}={at}&latency_offset=1ms", UriKind.Relative), cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _process.StopAsync();
        await _process.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private async Task<bool> IsUpAsync()
    {
        try
        {
            using var answer = await Http.GetAsync(new Uri("/health", UriKind.Relative));
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
