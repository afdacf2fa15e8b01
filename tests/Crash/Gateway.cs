using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Gateways;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.Evidence.Signing;
using StellaOps.Telemetry.Tests.Shared.Auth;
using StellaOps.Telemetry.Tests.Shared.Processes;
using StellaOps.Telemetry.Tests.Shared.Stack;

namespace StellaOps.Telemetry.Crash;

/// <summary>The real gateway program over one folder, started and killed again and again. It knows its tenants from the snapshot on its disk.</summary>
internal sealed class Gateway : IDisposable
{
    private static readonly TimeSpan s_stopTimeout = TimeSpan.FromSeconds(30);

    private readonly LastLines _output = new(100);
    private readonly DevIssuer _issuer = new();
    private readonly TestIdentities _identities = new();
    private readonly Dictionary<string, string> _environment;
    private readonly HttpClient _api;
    private Process? _process;

    public Gateway(string folder, string durability, Uri target, IReadOnlyDictionary<string, string> archive, IReadOnlyList<TenantId> tenants)
    {
        DataPath = Path.Combine(folder, "data");
        Directory.CreateDirectory(DataPath);
        var profile = Path.Combine(folder, "profile.yaml");
        File.WriteAllText(profile, CrashProfile.Of(durability, target));
        var api = SiblingProcess.NewUrl();
        _api = new HttpClient { BaseAddress = api };
        _environment = new Dictionary<string, string>
        {
            [KnownEnvironment.AuthJwksFile] = _issuer.JwksFile,
            [KnownEnvironment.TrustFile] = _identities.TrustFile,
            [KnownEnvironment.IdentityKeyFile] = _identities.KeyFile(KnownServices.IngestGateway),
            [KnownEnvironment.GatewayId] = "gw-1",
            [KnownEnvironment.GatewayDataPath] = DataPath,
            [KnownEnvironment.GatewayGrpcUrl] = GrpcUrl.ToString(),
            [KnownEnvironment.GatewayHttpUrl] = HttpUrl.ToString(),
            [KnownEnvironment.AspNetCoreUrls] = api.ToString(),
            [KnownEnvironment.ProfilePath] = profile,
            [KnownEnvironment.ServiceTokenFile] = Path.Combine(folder, "token"),
            ["services__profile-service__http__0"] = SiblingProcess.NewUrl().ToString(),
            [KnownEnvironment.ParentProcessId] = Environment.ProcessId.ToString(CultureInfo.InvariantCulture),
            ["DOTNET_gcServer"] = "0",
            ["Logging__LogLevel__Default"] = "Warning",
        };
        foreach (var (name, value) in archive)
        {
            _environment[name] = value;
        }

        File.WriteAllText(_environment[KnownEnvironment.ServiceTokenFile], Token("*", KnownScopes.FleetAgent));
        var snapshot = new GatewaySnapshot(
            GatewaySnapshot.SchemaId, 1, TimeProvider.System.GetUtcNow(), [.. tenants.Select(t => new SnapshotTenant(t, RegistrationState.Active))], []);
        File.WriteAllBytes(
            Path.Combine(DataPath, "snapshot.dsse.json"),
            Dsse.Sign(GatewaySnapshot.PayloadType, JsonSerializer.SerializeToUtf8Bytes(snapshot, ContractsJson.Default.GatewaySnapshot), _identities.Key(KnownServices.ProfileService), withKeyId: true));
    }

    public string DataPath { get; }

    public Uri GrpcUrl { get; } = SiblingProcess.NewUrl();

    public Uri HttpUrl { get; } = SiblingProcess.NewUrl();

    /// <summary>What it wrote last, for messages.</summary>
    public string Output => _output.ToString();

    public string Token(string tenant, string scope) => _issuer.Mint("crash", tenant, scope);

    public void Start()
    {
        var start = new ProcessStartInfo("dotnet", [BuiltProgram.Find("IngestGateway")]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in _environment)
        {
            start.Environment[name] = value;
        }

        _process = new Process { StartInfo = start };
        _output.Start(_process);
    }

    /// <summary>SIGKILL. False when it had ended by itself, which it never may.</summary>
    public async Task<bool> KillAsync()
    {
        var wasRunning = !_process!.HasExited;
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
        return wasRunning;
    }

    /// <summary>SIGTERM, and the exit code; killed when it takes too long.</summary>
    public async Task<int> StopAsync()
    {
        using (var kill = Process.Start("kill", ["-s", "TERM", _process!.Id.ToString(CultureInfo.InvariantCulture)]))
        {
            await kill.WaitForExitAsync();
        }

        using var patience = new CancellationTokenSource(s_stopTimeout);
        await _process.WaitForExitAsync(patience.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var code = _process.HasExited ? _process.ExitCode : -1;
        await KillAsync();
        return code;
    }

    public async Task<bool> IsReadyAsync()
    {
        try
        {
            using var answer = await _api.GetAsync("health");
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    public void Dispose()
    {
        if (_process is { HasExited: false })
        {
            _process.Kill();
        }

        _process?.Dispose();
        _api.Dispose();
        _issuer.Dispose();
        _identities.Dispose();
    }
}
