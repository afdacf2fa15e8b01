using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Gateways;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.Tests.Shared.Stack;

/// <summary>Another gateway process of the same stack, with an empty log of its own.</summary>
public sealed class SecondGateway : IAsyncDisposable
{
    private readonly RunningStack _stack;
    private readonly SiblingProcess _process;
    private readonly HttpClient _http;
    private readonly GatewayClient _client;

    private SecondGateway(RunningStack stack, SiblingProcess process, string id, Uri httpUrl)
    {
        Id = id;
        _stack = stack;
        _process = process;
        _http = RunningStack.NewAdminHttp(process.Url, stack.Token);
        _client = new GatewayClient(_http);
        HttpUrl = httpUrl;
    }

    /// <summary>Its <c>service.instance.id</c>.</summary>
    public string Id { get; }

    /// <summary>OTLP/HTTP.</summary>
    public Uri HttpUrl { get; }

    /// <summary>Starts it with the environment that AppHost gave the first one, but for its name, folder and ports.</summary>
    public static Task<SecondGateway> StartAsync(RunningStack stack, string dataPath, CancellationToken cancellationToken) =>
        StartAsync(stack, dataPath, new Dictionary<string, string>(), cancellationToken);

    /// <inheritdoc cref="StartAsync(RunningStack, string, CancellationToken)"/>
    /// <param name="changes">What else is different on its machine.</param>
    public static async Task<SecondGateway> StartAsync(RunningStack stack, string dataPath, IReadOnlyDictionary<string, string> changes, CancellationToken cancellationToken)
    {
        var http = SiblingProcess.NewUrl();
        var id = "second-" + Guid.NewGuid().ToString("N")[..8];
        var process = await SiblingProcess.StartAsync(
            "IngestGateway",
            SiblingProcess.EnvironmentOf(stack.ProcessIdOf(KnownServices.IngestGateway)),
            new Dictionary<string, string>(changes)
            {
                [KnownEnvironment.GatewayId] = id,
                [KnownEnvironment.GatewayDataPath] = dataPath,
                [KnownEnvironment.GatewayGrpcUrl] = SiblingProcess.NewUrl().ToString(),
                [KnownEnvironment.GatewayHttpUrl] = http.ToString(),
                [KnownEnvironment.AspNetCoreUrls] = SiblingProcess.NewUrl().ToString(),
            },
            cancellationToken);
        return new SecondGateway(stack, process, id, http);
    }

    /// <summary>What it does now.</summary>
    public Task<GatewayStatusResponse> GetSelfAsync(CancellationToken cancellationToken) => _client.GetSelfAsync(cancellationToken);

    /// <summary>Replays a bundle into it, by the command line.</summary>
    public Task<ToolResult> ReplayAsync(CapturedBundle bundle, string tenant) => _stack.Stella.TelemetryAsync(
        "replay", bundle.Archives[0], "--to", HttpUrl.ToString(), "--tenant", tenant, "--gateway-url", _process.Url.ToString(), "--output", "json");

    /// <summary>What it accepted of a tenant, by signal name, as its ledger says.</summary>
    public async Task<IReadOnlyDictionary<string, long>> AcceptedAsync(string tenant, CancellationToken cancellationToken)
    {
        var ledger = await _client.GetLedgerAsync(TenantId.Parse(tenant), null, null, cancellationToken);
        return ledger.Rows.GroupBy(r => r.Signal).ToDictionary(g => g.Key.ToName(), g => g.Sum(r => r.Accepted), StringComparer.Ordinal);
    }

    /// <summary>SIGKILL.</summary>
    public Task KillAsync() => StackProcess.KillAsync(_process.ProcessId);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _http.Dispose();
    }
}
