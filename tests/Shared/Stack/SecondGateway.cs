using System.Diagnostics;
using System.Net;
using System.Text;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.Tests.Shared.Processes;

namespace StellaOps.Telemetry.Tests.Shared.Stack;

/// <summary>Another gateway process of the same stack, with an empty log of its own.</summary>
public sealed class SecondGateway : IAsyncDisposable
{
    private readonly RunningStack _stack;
    private readonly Process _process;
    private readonly HttpClient _http;
    private readonly GatewayClient _client;

    private SecondGateway(RunningStack stack, Process process, HttpClient http, Uri httpUrl)
    {
        _stack = stack;
        _process = process;
        _http = http;
        _client = new GatewayClient(http);
        HttpUrl = httpUrl;
    }

    /// <summary>OTLP/HTTP.</summary>
    public Uri HttpUrl { get; }

    /// <summary>Starts it with the environment that AppHost gave the first one, but for its name, folder and ports.</summary>
    public static async Task<SecondGateway> StartAsync(RunningStack stack, string dataPath, CancellationToken cancellationToken)
    {
        var admin = Loopback();
        var http = Loopback();
        var start = new ProcessStartInfo("dotnet", [BuiltProgram.Find("IngestGateway")]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment.Clear();
        foreach (var (name, value) in EnvironmentOf(stack.ProcessIdOf(KnownServices.IngestGateway)))
        {
            start.Environment[name] = value;
        }

        start.Environment[KnownEnvironment.ParentProcessId] = Environment.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture);
        start.Environment[KnownEnvironment.GatewayId] = "second-" + Guid.NewGuid().ToString("N")[..8];
        start.Environment[KnownEnvironment.GatewayDataPath] = dataPath;
        start.Environment[KnownEnvironment.GatewayGrpcUrl] = Loopback().ToString();
        start.Environment[KnownEnvironment.GatewayHttpUrl] = http.ToString();
        start.Environment[KnownEnvironment.AspNetCoreUrls] = admin.ToString();
        var process = Process.Start(start)!;
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var gateway = new SecondGateway(stack, process, RunningStack.NewAdminHttp(admin, stack.Token), http);
        try
        {
            await Eventually.HoldsAsync(gateway.IsHealthyAsync, TimeSpan.FromSeconds(30), "the second gateway is healthy");
            return gateway;
        }
        catch
        {
            await gateway.DisposeAsync();
            throw;
        }
    }

    /// <summary>Replays a bundle into it, by the command line.</summary>
    public Task<ToolResult> ReplayAsync(CapturedBundle bundle, string tenant) => _stack.Stella.TelemetryAsync(
        "replay", bundle.Archives[0], "--to", HttpUrl.ToString(), "--tenant", tenant, "--gateway-url", _http.BaseAddress!.ToString(), "--output", "json");

    /// <summary>What it accepted of a tenant, by signal name, as its ledger says.</summary>
    public async Task<IReadOnlyDictionary<string, long>> AcceptedAsync(string tenant, CancellationToken cancellationToken)
    {
        var ledger = await _client.GetLedgerAsync(TenantId.Parse(tenant), null, null, cancellationToken);
        return ledger.Rows.GroupBy(r => r.Signal).ToDictionary(g => g.Key.ToName(), g => g.Sum(r => r.Accepted), StringComparer.Ordinal);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
        _http.Dispose();
    }

    private async Task<bool> IsHealthyAsync()
    {
        if (_process.HasExited)
        {
            throw new InvalidOperationException($"the second gateway ended with {_process.ExitCode}");
        }

        try
        {
            using var response = await _http.GetAsync("health");
            return response.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static Uri Loopback() => new($"http://127.0.0.1:{FreePort.Next()}/");

    private static IEnumerable<(string Name, string Value)> EnvironmentOf(int processId) =>
        Encoding.UTF8.GetString(File.ReadAllBytes($"/proc/{processId}/environ"))
            .Split('\0', StringSplitOptions.RemoveEmptyEntries)
            .Select(pair => pair.Split('=', 2))
            .Select(pair => (pair[0], pair[1]));
}
