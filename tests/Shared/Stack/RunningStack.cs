using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts;

namespace StellaOps.Telemetry.Tests.Shared.Stack;

/// <summary>A stack that runs, used from outside as its users do: by the command line, by OTLP, and by the gateway's own API.</summary>
public sealed class RunningStack : IDisposable
{
    private readonly EndpointsDocument _endpoints;
    private readonly HttpClient _http;
    private readonly HttpClient _profiles;

    private RunningStack(EndpointsDocument endpoints, StellaCommand stella, string token)
    {
        _endpoints = endpoints;
        Stella = stella;
        _http = NewAdminHttp(Url(KnownServices.IngestGateway, "http"), token);
        Gateway = new GatewayClient(_http);
        _profiles = NewAdminHttp(Url(KnownServices.ProfileService, "http"), token);
        Profiles = new ProfileClient(_profiles);
        Token = token;
    }

    /// <summary>Its <c>.stella</c> folder.</summary>
    public string StateDirectory => _endpoints.StateDirectory;

    /// <summary>The command line, pointed at it.</summary>
    public StellaCommand Stella { get; }

    /// <summary>An administrator's token.</summary>
    public string Token { get; }

    /// <summary>The gateway's own API.</summary>
    public GatewayClient Gateway { get; }

    /// <summary>The profile service.</summary>
    public ProfileClient Profiles { get; }

    /// <summary>OTLP/gRPC.</summary>
    public Uri GrpcUrl => Url(KnownServices.IngestGateway, "otlp-grpc");

    /// <summary>OTLP/HTTP.</summary>
    public Uri HttpUrl => Url(KnownServices.IngestGateway, "otlp-http");

    /// <summary>The file with the public half of the key that signs bundles.</summary>
    public string EvidenceKey => Path.Combine(StateDirectory, "keys", "evidence.pub");

    /// <summary>The process id of a process of the stack, as it was when this was opened.</summary>
    public int ProcessIdOf(string process) => _endpoints.Processes.First(p => p.Name == process).ProcessId;

    /// <summary>Where a process listened when this was opened.</summary>
    public Uri Url(string process, string endpoint) => new(
        _endpoints.Find(process, endpoint) ?? throw new InvalidOperationException($"endpoints.json names no '{endpoint}' of {process}"));

    /// <summary>Opens the stack of a state folder.</summary>
    /// <exception cref="IOException">No stack runs there.</exception>
    public static async Task<RunningStack> OpenAsync(string stateDirectory)
    {
        var endpoints = JsonSerializer.Deserialize(await File.ReadAllBytesAsync(Path.Combine(stateDirectory, "endpoints.json")), ContractsJson.Default.EndpointsDocument)!;
        var stella = new StellaCommand(stateDirectory);
        var token = await stella.TelemetryAsync("token", "--role", "admin", "--tenant", "*", "--ttl", "8h");
        return token.ExitCode == 0
            ? new RunningStack(endpoints, stella, token.Output.Trim())
            : throw new InvalidOperationException("no token: " + token.Error);
    }

    /// <summary>A client of an API of the stack, as an administrator. The base address ends with '/'.</summary>
    public static HttpClient NewAdminHttp(Uri baseAddress, string token) => new()
    {
        BaseAddress = baseAddress,
        DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", token) },
    };

    /// <summary>Registers a tenant and issues an ingest key for it.</summary>
    public async Task<TenantSender> AddTenantAsync(string tenant)
    {
        await Stella.TelemetryJsonAsync("tenant", "add", tenant);
        var key = await Stella.TelemetryJsonAsync("ingest-key", "new", "--tenant", tenant);
        return new TenantSender(tenant, key.GetProperty("secret").GetString()!, GrpcUrl, HttpUrl, Gateway);
    }

    /// <summary>Registers a tenant that takes replays and nothing else.</summary>
    public Task AddReplayTargetAsync(string tenant) => Stella.TelemetryJsonAsync("tenant", "add", tenant, "--replay-target");

    /// <summary>Captures a window, by the command line, into a folder.</summary>
    public async Task<CapturedBundle> CaptureAsync(string tenant, DateTimeOffset from, DateTimeOffset to, string folder, string? incidentId = null)
    {
        string[] incident = incidentId is null ? [] : ["--incident", incidentId];
        var capture = await Stella.TelemetryJsonAsync(
            ["capture", "--tenant", tenant, "--from", from.ToString("O", CultureInfo.InvariantCulture), "--to", to.ToString("O", CultureInfo.InvariantCulture), "-o", folder, .. incident]);
        var name = capture.GetProperty("bundleName").GetString()!;
        return new CapturedBundle(
            folder,
            name,
            [.. Directory.EnumerateFiles(folder, name + "*.tar.zst").Order(StringComparer.Ordinal)],
            capture.GetProperty("archiveHash").GetString()!,
            capture.GetProperty("records").EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetInt64(), StringComparer.Ordinal),
            [.. capture.GetProperty("gaps").EnumerateArray().Select(g => g.GetString()!)]);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _http.Dispose();
        _profiles.Dispose();
    }
}
