using System.Text.Json;
using StellaOps.Telemetry.Benchmarks.Harness.Pipelines;
using StellaOps.Telemetry.Benchmarks.Harness.Processes;
using StellaOps.Telemetry.Benchmarks.Harness.Stack;

namespace StellaOps.Telemetry.Benchmarks.Harness.Scenarios;

/// <summary>A gateway with its sink and control plane, set up as a scenario wants it, in a folder that goes with it.</summary>
internal sealed class Scene : IAsyncDisposable
{
    private static readonly LogFiles s_logFiles = new(Workspace.LogFiles);

    private readonly string _folder;

    private Scene(string folder, ControlPlane plane, SinkPeer sink, GatewayProcess gateway) =>
        (_folder, Plane, Sink, Gateway) = (folder, plane, sink, gateway);

    public ControlPlane Plane { get; }

    public SinkPeer Sink { get; }

    public GatewayProcess Gateway { get; }

    /// <param name="prepare">Puts into the data folder what the gateway shall find there.</param>
    public static async Task<Scene> StartAsync(ScenarioOptions options, SceneSetup setup, Action<ControlPlane, string>? prepare = null)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Workspace.Root, "scene-" + Guid.NewGuid().ToString("N")[..8])).FullName;
        var plane = await ControlPlane.StartAsync(setup.Tenants);
        var sink = await Peers.SinkAsync(folder, setup.LoadCore);
        var data = Path.Combine(folder, "data");
        s_logFiles.Lend(data, ProfileText.LogMiB(options.Pipeline) / ProfileText.FileMiB, ProfileText.FileMiB << 20);
        prepare?.Invoke(plane, data);
        var gateway = await GatewayProcess.StartAsync(
            options.GatewayAssembly, folder, ProfileText.Of(options.Pipeline, sink.Url, setup.IdlePolicies), plane, setup.Settings, setup.GatewayCore);
        return new Scene(folder, plane, sink, gateway);
    }

    /// <summary>Starts a load on it.</summary>
    public Task<ChildProcess> LoadAsync(Pipeline pipeline, int? core = null) => Peers.GeneratorAsync(_folder, pipeline, Gateway.GrpcUrl, Plane.Keys, core);

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await Sink.DisposeAsync();
        await Plane.DisposeAsync();
        s_logFiles.Return(Path.Combine(_folder, "data"), ProfileText.FileMiB << 20);
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>A count of a generator's mark.</summary>
    public static long Count(JsonElement mark, string name) => mark.GetProperty(name).GetInt64();
}

/// <summary>What differs between scenes.</summary>
internal sealed record SceneSetup
{
    public int Tenants { get; init; } = 1;

    public int IdlePolicies { get; init; }

    public int? GatewayCore { get; init; }

    public int? LoadCore { get; init; }

    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();
}
