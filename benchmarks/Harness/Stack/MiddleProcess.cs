using StellaOps.Telemetry.Benchmarks.Harness.Pipelines;
using StellaOps.Telemetry.Benchmarks.Harness.Processes;

namespace StellaOps.Telemetry.Benchmarks.Harness.Stack;

/// <summary>What is measured: the gateway, the floor, or nothing, when the generator sends to the sink.</summary>
internal sealed class MiddleProcess : IAsyncDisposable
{
    private ChildProcess? _floor;
    private Action _cleanUp = () => { };

    public GatewayProcess? Gateway { get; private set; }

    /// <summary>Null where there is nothing between generator and sink.</summary>
    public ProcessUsage? Usage => Gateway?.Usage ?? _floor?.Usage;

    public required Uri GrpcUrl { get; init; }

    public required Uri HttpUrl { get; init; }

    public static async Task<MiddleProcess> StartAsync(
        Middle middle, Uri sink, string folder, HarnessOptions options, ControlPlane plane, LogFiles logFiles)
    {
        switch (middle)
        {
            case Middle.None:
                return new MiddleProcess { GrpcUrl = sink, HttpUrl = new UriBuilder(sink) { Port = sink.Port + 1 }.Uri };
            case Middle.StockFloor or Middle.Floor:
                var (floor, url) = await Peers.FloorAsync(folder, sink, middle == Middle.Floor);
                return new MiddleProcess { GrpcUrl = url, HttpUrl = url, _floor = floor };
            default:
                var data = Path.Combine(folder, "data");
                logFiles.Lend(data, ProfileText.LogMiB(middle) / ProfileText.FileMiB, ProfileText.FileMiB << 20);
                var gateway = await GatewayProcess.StartAsync(options.GatewayAssembly, folder, ProfileText.Of(middle, sink), plane, options.GatewaySettings, core: null);
                return new MiddleProcess
                {
                    GrpcUrl = gateway.GrpcUrl,
                    HttpUrl = gateway.HttpUrl,
                    Gateway = gateway,
                    _cleanUp = () =>
                    {
                        logFiles.Return(data, ProfileText.FileMiB << 20);
                        if (!options.Keep)
                        {
                            Directory.Delete(data, recursive: true);
                        }
                    },
                };
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Gateway is not null)
        {
            await Gateway.DisposeAsync();
        }

        if (_floor is not null)
        {
            await _floor.DisposeAsync();
        }

        _cleanUp();
    }
}
