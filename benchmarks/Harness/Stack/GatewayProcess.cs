using System.Net.Http.Headers;
using StellaOps.Telemetry.Benchmarks.Harness.Processes;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Tests.Shared.Processes;
using StellaOps.Telemetry.Tests.Shared.Stack;

namespace StellaOps.Telemetry.Benchmarks.Harness.Stack;

/// <summary>The built gateway as a process of its own, in a fresh data folder, with a profile of ours.</summary>
internal sealed class GatewayProcess : IAsyncDisposable
{
    private static readonly TimeSpan s_startTimeout = TimeSpan.FromSeconds(30);

    private readonly ChildProcess _process;
    private readonly HttpClient _http;
    private readonly GatewayClient _client;
    private readonly ControlPlane _plane;

    private GatewayProcess(ChildProcess process, ControlPlane plane, Uri api)
    {
        (_process, _plane) = (process, plane);
        _http = new HttpClient { BaseAddress = api };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", plane.Issuer.Mint("bench", "*", KnownScopes.TelemetryRead));
        _client = new GatewayClient(_http);
    }

    public required Uri GrpcUrl { get; init; }

    public required Uri HttpUrl { get; init; }

    public ProcessUsage Usage => _process.Usage;

    /// <summary>Its own API.</summary>
    public GatewayClient Client => _client;

    /// <param name="folder">Gets profile, data, archive and log file.</param>
    /// <param name="profile">The profile document.</param>
    public static async Task<GatewayProcess> StartAsync(
        string assembly, string folder, string profile, ControlPlane plane, IReadOnlyDictionary<string, string> settings, int? core)
    {
        var (api, grpc, http) = (NewUrl(), NewUrl(), NewUrl());
        var environment = new Dictionary<string, string>
        {
            [KnownEnvironment.AuthJwksFile] = plane.Issuer.JwksFile,
            [KnownEnvironment.ServiceTokenFile] = Write(folder, "token", plane.Issuer.Mint(KnownServices.IngestGateway, "*", KnownScopes.FleetAgent)),
            [KnownEnvironment.TrustFile] = plane.Identities.TrustFile,
            [KnownEnvironment.IdentityKeyFile] = plane.Identities.KeyFile(KnownServices.IngestGateway),
            [KnownEnvironment.GatewayId] = "bench",
            [KnownEnvironment.GatewayDataPath] = Path.Combine(folder, "data"),
            [KnownEnvironment.GatewayGrpcUrl] = grpc.ToString(),
            [KnownEnvironment.GatewayHttpUrl] = http.ToString(),
            [KnownEnvironment.ProfilePath] = Write(folder, "profile.yaml", profile),
            [KnownEnvironment.ArchivePath] = Path.Combine(folder, "archive"),
            [KnownEnvironment.RedactionHmacKeyFile] = Write(folder, "hmac", new string('a', 64)),
            [KnownEnvironment.AspNetCoreUrls] = api.ToString(),
            [KnownEnvironment.ParentProcessId] = Environment.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture),
            ["services__profile-service__http__0"] = plane.ProfileServiceUrl,
        };
        foreach (var (name, value) in settings)
        {
            environment[name] = value;
        }

        CopyPolicies(folder);
        var process = new ChildProcess(assembly, [], environment, Path.Combine(folder, "gateway.log"), core);
        process.LogOutput();
        var gateway = new GatewayProcess(process, plane, api) { GrpcUrl = grpc, HttpUrl = http };
        try
        {
            await Eventually.HoldsAsync(gateway.IsHealthyAsync, s_startTimeout, $"the gateway is healthy, see {process.LogFile}");
            return gateway;
        }
        catch
        {
            await gateway.DisposeAsync();
            throw;
        }
    }

    /// <summary>What it holds that is not yet decided or not yet exported.</summary>
    public async Task<long> UnfinishedAsync()
    {
        var self = await _client.GetSelfAsync(CancellationToken.None);
        return self.UndecidedRecords + self.Exporters.Sum(e => e.PendingRecords);
    }

    /// <summary>Records accepted and sampled out, over all tenants, as the ledger says.</summary>
    public async Task<(long Accepted, long SampledOut)> LedgerAsync()
    {
        var (accepted, sampledOut) = (0L, 0L);
        foreach (var tenant in _plane.Tenants)
        {
            var ledger = await _client.GetLedgerAsync(tenant, null, null, CancellationToken.None);
            accepted += ledger.Rows.Sum(r => r.Accepted);
            sampledOut += ledger.Rows.Sum(r => r.SampledOut);
        }

        return (accepted, sampledOut);
    }

    /// <summary>Requests refused, by reason, as its metrics say.</summary>
    public async Task<IReadOnlyDictionary<string, long>> RefusalsAsync()
    {
        var scrape = await MetricsScrape.ReadAsync(_http.BaseAddress!, CancellationToken.None);
        return scrape.Samples
            .Where(s => s.Name == "telemetry_ingest_violations_total")
            .ToDictionary(s => s.Labels["reason"], s => (long)s.Value);
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _http.Dispose();
    }

    private async Task<bool> IsHealthyAsync()
    {
        if (_process.HasExited)
        {
            throw new InvalidOperationException($"the gateway ended: {await File.ReadAllTextAsync(_process.LogFile)}");
        }

        try
        {
            using var answer = await _http.GetAsync("health");
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static Uri NewUrl() => new($"http://127.0.0.1:{FreePort.Next()}/");

    private static string Write(string folder, string name, string text)
    {
        var path = Path.Combine(folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    private static void CopyPolicies(string folder)
    {
        var target = Directory.CreateDirectory(Path.Combine(folder, "redaction")).FullName;
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Repository.Root, "profiles", "redaction"), "*.yaml"))
        {
            File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
        }
    }
}
