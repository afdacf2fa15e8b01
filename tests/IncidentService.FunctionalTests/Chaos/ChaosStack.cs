using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Gateways;
using StellaOps.Telemetry.Contracts.Incidents;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.Evidence.Signing;
using StellaOps.Telemetry.IncidentService.FunctionalTests.Notify.TestServices;
using StellaOps.Telemetry.Tests.Shared.Auth;
using StellaOps.Telemetry.Tests.Shared.Postgres;
using StellaOps.Telemetry.Tests.Shared.Processes;
using StellaOps.Telemetry.Tests.Shared.Redis;
using StellaOps.Telemetry.Tests.Shared.Stack;

namespace StellaOps.Telemetry.IncidentService.FunctionalTests.Chaos;

/// <summary>Incident service, gateway, redis-server and PostgreSQL as processes of their own, each of which can be killed, frozen and started again.</summary>
internal sealed class ChaosStack : IAsyncDisposable
{
    private const string Profile =
        """
        apiVersion: telemetry.stella-ops.org/v1
        kind: Profile
        metadata: { name: chaos }
        spec:
          environment: development
          redaction: none
          durability: write
          recorder: { max_age: 15m, max_bytes: 16MiB, file_bytes: 4MiB, tenant_share: 1 }
          sampling: { decision_wait: 5s, policies: [{ name: few, type: probabilistic, probabilistic: { sampling_percentage: 1 } }] }
          exporters: [{ name: nothing, type: debug }]
        """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("stella-chaos-");
    private readonly DevIssuer _issuer = new();
    private readonly TestIdentities _identities = new();
    private readonly Uri _serviceUrl = SiblingProcess.NewUrl();
    private readonly Uri _gatewayUrl = SiblingProcess.NewUrl();
    private PostgresServer _postgres = null!;
    private TestDatabase _database = null!;
    private RedisServer _redis = null!;
    private SiblingProcess? _service;
    private SiblingProcess? _gateway;
    private HttpClient _serviceHttp = null!;
    private HttpClient _gatewayHttp = null!;

    /// <summary>Who is told of the incidents; never killed.</summary>
    public HookReceiver Notified { get; private set; } = null!;

    /// <summary>Whom the incidents are for.</summary>
    public static TenantId Tenant { get; } = TenantId.Parse("acme");

    public IncidentClient Incidents => new(_serviceHttp);

    public static async Task<ChaosStack> StartAsync()
    {
        var stack = new ChaosStack();
        stack._postgres = await PostgresServer.StartNewAsync();
        stack._database = await TestDatabase.CreateAsync(stack._postgres);
        stack._redis = await RedisServer.StartNewAsync(RedisKind.RedisServer);
        stack._serviceHttp = stack.Http(stack._serviceUrl);
        stack._gatewayHttp = stack.Http(stack._gatewayUrl);
        stack.Notified = await HookReceiver.StartAsync();
        stack.WriteNotifyFiles();
        stack.WriteGatewayFiles();
        await stack.StartAsync(Victim.IncidentService);
        await stack.StartAsync(Victim.Gateway);
        return stack;
    }

    /// <summary>SIGKILL.</summary>
    public async Task KillAsync(Victim victim)
    {
        switch (victim)
        {
            case Victim.IncidentService:
                await _service!.DisposeAsync();
                break;
            case Victim.Gateway:
                await _gateway!.DisposeAsync();
                break;
            case Victim.Redis:
                await _redis.StopAsync();
                break;
            default:
                await _postgres.KillAsync();
                break;
        }
    }

    /// <summary>Starts what does not run, and waits until it is ready.</summary>
    public async Task StartAsync(Victim victim)
    {
        switch (victim)
        {
            case Victim.IncidentService:
                _service = await SiblingProcess.StartAsync("IncidentService", SiblingProcess.OwnEnvironment(), ServiceSettings(), CancellationToken.None);
                break;
            case Victim.Gateway:
                _gateway = await SiblingProcess.StartAsync("IngestGateway", SiblingProcess.OwnEnvironment(), GatewaySettings(), CancellationToken.None);
                break;
            case Victim.Redis:
                await _redis.StartAsync();
                break;
            default:
                await _postgres.StartAsync();
                break;
        }
    }

    /// <summary>SIGSTOP: it is there, and does nothing.</summary>
    public async Task FreezeAsync(Victim victim) => await SignalAsync("STOP", await ProcessIdAsync(victim));

    /// <summary>SIGCONT.</summary>
    public async Task ThawAsync(Victim victim) => await SignalAsync("CONT", await ProcessIdAsync(victim));

    /// <summary>Waits until all that was killed works again: an incident is active with its answer, and the gateway has it.</summary>
    public async Task WorksAsync()
    {
        var request = new StartIncidentRequest(Tenant, null, "does it work?", TtlSeconds: 5, CooldownSeconds: 0, Captures: new IncidentCaptures(OnClose: false));
        await Eventually.HoldsAsync(
            async () =>
            {
                try
                {
                    var incident = await Incidents.StartAsync(request, null, CancellationToken.None);
                    var isHeard = incident.State == IncidentState.Active && (await InForceAsync())?.Contains(incident.Id) == true;
                    await Incidents.StopAsync(incident.Id, new StopIncidentRequest(Now: true), CancellationToken.None);
                    return isHeard;
                }
                catch (Exception e) when (e is HttpRequestException or TaskCanceledException or ApiException)
                {
                    return false;
                }
            },
            TimeSpan.FromSeconds(30),
            "everything works again");
    }

    /// <summary>What is in force at the gateway; null while it is away.</summary>
    public async Task<IReadOnlyList<string>?> InForceAsync()
    {
        try
        {
            return (await new GatewayClient(_gatewayHttp).GetSelfAsync(CancellationToken.None)).ActiveIncidents;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in (SiblingProcess?[])[_gateway, _service])
        {
            if (process is not null)
            {
                await process.DisposeAsync();
            }
        }

        _serviceHttp.Dispose();
        _gatewayHttp.Dispose();
        await Notified.DisposeAsync();
        await _redis.DisposeAsync();
        await _database.DisposeAsync();
        await _postgres.DisposeAsync();
        _identities.Dispose();
        _issuer.Dispose();
        _folder.Delete(recursive: true);
    }

    private static async Task SignalAsync(string signal, int processId)
    {
        using var kill = Process.Start("kill", ["-s", signal, processId.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
        Assert.Equal(0, kill.ExitCode);
    }

    private async Task<int> ProcessIdAsync(Victim victim) => victim switch
    {
        Victim.IncidentService => _service!.ProcessId,
        Victim.Gateway => _gateway!.ProcessId,
        Victim.Redis => await _redis.ProcessIdAsync(),
        _ => throw new NotSupportedException($"{victim} is never frozen"),
    };

    private HttpClient Http(Uri url) => new()
    {
        BaseAddress = url,
        Timeout = TimeSpan.FromSeconds(5),
        DefaultRequestHeaders = { Authorization = new("Bearer", _issuer.Mint("chaos", "*", KnownScopes.Admin)) },
    };

    private string PathOf(string name) => Path.Combine(_folder.FullName, name);

    private Dictionary<string, string> ServiceSettings() => new()
    {
        [KnownEnvironment.AspNetCoreUrls] = _serviceUrl.ToString(),
        [KnownEnvironment.PostgresConnection] = _database.ConnectionString,
        [KnownEnvironment.RedisConnection] = _redis.ConnectionString,
        [KnownEnvironment.AuthJwksFile] = _issuer.JwksFile,
        [KnownEnvironment.IdentityKeyFile] = _identities.KeyFile(KnownServices.IncidentService),
        [KnownEnvironment.TrustFile] = _identities.TrustFile,
        [KnownEnvironment.NotifyFile] = PathOf("notify.yaml"),
        ["Stella__Notify__LeaseMargin"] = "00:00:01",
    };

    private Dictionary<string, string> GatewaySettings() => new()
    {
        [KnownEnvironment.AspNetCoreUrls] = _gatewayUrl.ToString(),
        [KnownEnvironment.RedisConnection] = _redis.ConnectionString,
        [KnownEnvironment.AuthJwksFile] = _issuer.JwksFile,
        [KnownEnvironment.IdentityKeyFile] = _identities.KeyFile(KnownServices.IngestGateway),
        [KnownEnvironment.TrustFile] = _identities.TrustFile,
        [KnownEnvironment.GatewayId] = "gw-1",
        [KnownEnvironment.GatewayDataPath] = PathOf("data"),
        [KnownEnvironment.GatewayGrpcUrl] = SiblingProcess.NewUrl().ToString(),
        [KnownEnvironment.GatewayHttpUrl] = SiblingProcess.NewUrl().ToString(),
        [KnownEnvironment.ProfilePath] = PathOf("profile.yaml"),
        [KnownEnvironment.ArchivePath] = PathOf("archive"),
        [KnownEnvironment.ServiceTokenFile] = PathOf("token"),
        ["services__profile-service__http__0"] = SiblingProcess.NewUrl().ToString(),
        ["DOTNET_gcServer"] = "0",
    };

    private void WriteNotifyFiles()
    {
        File.WriteAllText(PathOf("secret"), "whsec_" + Convert.ToBase64String(new byte[32]) + "\n");
        File.WriteAllText(
            PathOf("notify.yaml"),
            $$"""
            apiVersion: telemetry.stella-ops.org/v1
            kind: Notifications
            metadata: { name: chaos }
            spec:
              targets:
                - name: sink
                  timeout: 1s
                  retry: { first: 100ms, max: 1s, within: 1h }
                  webhook: { url: "{{Notified.Url}}", secret_files: [secret] }
            """);
    }

    /// <summary>The profile service is not part of this: the gateway knows its tenants from the snapshot on its disk.</summary>
    private void WriteGatewayFiles()
    {
        File.WriteAllText(PathOf("profile.yaml"), Profile);
        File.WriteAllText(PathOf("token"), _issuer.Mint(KnownServices.IngestGateway, "*", KnownScopes.FleetAgent));
        Directory.CreateDirectory(PathOf("data"));
        var snapshot = new GatewaySnapshot(GatewaySnapshot.SchemaId, 1, TimeProvider.System.GetUtcNow(), [new SnapshotTenant(Tenant, RegistrationState.Active)], []);
        File.WriteAllBytes(
            PathOf("data/snapshot.dsse.json"),
            Dsse.Sign(GatewaySnapshot.PayloadType, JsonSerializer.SerializeToUtf8Bytes(snapshot, ContractsJson.Default.GatewaySnapshot), _identities.Key(KnownServices.ProfileService), withKeyId: true));
    }
}
