using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;
using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Archive.Objects.S3;
using StellaOps.Telemetry.CaptureWorker.FunctionalTests.TestServices;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Captures;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.Evidence.Signing;
using StellaOps.Telemetry.Tests.Shared.Auth;
using StellaOps.Telemetry.Tests.Shared.Hosting;
using StellaOps.Telemetry.Tests.Shared.Postgres;
using StellaOps.Telemetry.Tests.Shared.Processes;
using StellaOps.Telemetry.Tests.Shared.Redis;
using StellaOps.Telemetry.Tests.Shared.S3;
using StellaOps.Telemetry.Tests.Shared.Stack;

namespace StellaOps.Telemetry.CaptureWorker.FunctionalTests;

/// <summary>A database, Garnet and an archive of one test, with as many workers and gateways as it asks for.</summary>
internal sealed class CaptureFixture : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("stella-capture-");
    private readonly List<RunningService> _services = [];
    private readonly List<ScriptedGateway> _gateways = [];
    private RunningService _controlPlane = null!;

    public static readonly TenantId Tenant = TenantId.Parse("acme");

    public DevIssuer Issuer { get; } = new();

    public TestIdentities Identities { get; } = new();

    public SigningKey EvidenceKey { get; } = SigningKey.Create();

    public TestDatabase Database { get; private set; } = null!;

    public RedisServer Redis { get; private set; } = null!;

    public IConnectionMultiplexer Connection { get; private set; } = null!;

    public IObjectStore Archive { get; private set; } = null!;

    public IReadOnlyList<RunningService> Workers => _services;

    public string ArchivePath => Path.Combine(_folder.FullName, "archive");

    public string BundlePath => Path.Combine(_folder.FullName, "bundles");

    /// <summary>The window of most tests: a minute that is over.</summary>
    public DateTimeOffset From { get; } = TimeProvider.System.GetUtcNow().AddMinutes(-5);

    public DateTimeOffset To => From.AddMinutes(2);

    public long FromNano => (From.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) * 100;

    /// <param name="bucket">Where the archive lives; null: in a folder.</param>
    public static async Task<CaptureFixture> StartAsync(RedisKind kind = RedisKind.Garnet, S3Server? bucket = null)
    {
        var fixture = new CaptureFixture();
        fixture.Database = await TestDatabase.CreateAsync();
        fixture.Redis = await RedisServer.StartNewAsync(kind);
        fixture.Connection = await ConnectionMultiplexer.ConnectAsync(fixture.Redis.ConnectionString);
        fixture.Archive = (bucket is null ? new ArchiveOptions { Path = fixture.ArchivePath } : new ArchiveOptions { S3 = OptionsOf(bucket) }).Open(
            new S3Connections(() => new SocketsHttpHandler { UseProxy = false }, _ => false), TimeProvider.System, NullLogger.Instance);
        fixture._controlPlane = await ControlPlane.StartAsync();
        await File.WriteAllTextAsync(fixture.PathOf("evidence.key"), CosignKey.Write(fixture.EvidenceKey, "a password"));
        await File.WriteAllTextAsync(fixture.PathOf("evidence.password"), "a password\n");
        Directory.CreateDirectory(fixture.PathOf("spool"));
        return fixture;
    }

    /// <param name="settings">More settings, by key.</param>
    public async Task<RunningService> StartWorkerAsync(string name, params (string Key, string Value)[] settings)
    {
        var service = await RunningService.StartAsync(CaptureWorkerApp.Build(RunningService.Arguments(EnvironmentOf(name, settings))));
        _services.Add(service);
        await service.ReadyAsync();
        return service;
    }

    /// <summary>A worker as a process of its own, which is killed when it is disposed of.</summary>
    public Task<SiblingProcess> StartProcessAsync(string name, params (string Key, string Value)[] settings) => SiblingProcess.StartAsync(
        "CaptureWorker", SiblingProcess.OwnEnvironment(), new Dictionary<string, string>(EnvironmentOf(name, settings)) { [KnownEnvironment.AspNetCoreUrls] = SiblingProcess.NewUrl().ToString() }, CancellationToken.None);

    /// <summary>What a worker's process is given.</summary>
    /// <param name="settings">More settings, by key.</param>
    public Dictionary<string, string> EnvironmentOf(string name, params (string Key, string Value)[] settings)
    {
        var environment = new Dictionary<string, string>
        {
            [KnownEnvironment.PostgresConnection] = Database.ConnectionString,
            [KnownEnvironment.RedisConnection] = Redis.ConnectionString,
            [KnownEnvironment.AuthJwksFile] = Issuer.JwksFile,
            [KnownEnvironment.IdentityKeyFile] = Identities.KeyFile(KnownServices.CaptureWorker),
            [KnownEnvironment.TrustFile] = Identities.TrustFile,
            [KnownEnvironment.ArchivePath] = ArchivePath,
            [KnownEnvironment.CaptureBundlePath] = BundlePath,
            [KnownEnvironment.SigningKeyFile] = PathOf("evidence.key"),
            [KnownEnvironment.SigningPasswordFile] = PathOf("evidence.password"),
            ["services__incident-service__http__0"] = _controlPlane.Url.ToString(),
            ["services__profile-service__http__0"] = _controlPlane.Url.ToString(),
            ["Stella__Capture__WorkerName"] = name,
            ["Stella__Capture__PollInterval"] = "00:00:00.050",
        };
        foreach (var (key, value) in settings)
        {
            environment[key] = value;
        }

        return environment;
    }

    public async Task StopWorkerAsync(RunningService worker)
    {
        _services.Remove(worker);
        await worker.DisposeAsync();
    }

    public async Task<ScriptedGateway> StartGatewayAsync(string id)
    {
        var gateway = new ScriptedGateway(id, Connection, Archive, Identities, PathOf("spool"));
        _gateways.Add(gateway);
        await gateway.HeartbeatAsync();
        return gateway;
    }

    public CaptureClient Client(RunningService worker, string tenant = "*") => new(Based(worker, Issuer.Mint(
        "rita", tenant, KnownScopes.CapturesCreate, KnownScopes.CapturesRead, KnownScopes.CapturesExport)));

    public static HttpClient Based(RunningService worker, string token) => worker.Client(token);

    /// <summary>Captures the window and waits for the end of the job.</summary>
    public async Task<CaptureResponse> CaptureAsync(RunningService worker, CreateCaptureRequest? request = null)
    {
        var client = Client(worker);
        var job = await client.CreateAsync(request ?? new CreateCaptureRequest(Tenant, From, To), null, CancellationToken.None);
        return await EndOfAsync(client, job.Id);
    }

    public static async Task<CaptureResponse> EndOfAsync(CaptureClient client, string id)
    {
        CaptureResponse job = null!;
        await Eventually.HoldsAsync(
            async () => (job = await client.GetAsync(id, CancellationToken.None)).State is not (CaptureState.Queued or CaptureState.Running),
            TimeSpan.FromSeconds(60),
            "the capture ends");
        return job;
    }

    private static S3Options OptionsOf(S3Server server) => new()
    {
        Endpoint = server.Url.ToString(),
        Bucket = S3Server.Bucket,
        AccessKeyFile = server.AccessKeyFile,
        SecretKeyFile = server.SecretKeyFile,
        ServerSideEncryption = "none",
    };

    public string PathOf(string name) => Path.Combine(_folder.FullName, name);

    public async ValueTask DisposeAsync()
    {
        foreach (var service in _services)
        {
            await service.DisposeAsync();
        }

        foreach (var gateway in _gateways)
        {
            await gateway.DisposeAsync();
        }

        await _controlPlane.DisposeAsync();
        await Connection.DisposeAsync();
        await Redis.DisposeAsync();
        await Database.DisposeAsync();
        EvidenceKey.Dispose();
        Identities.Dispose();
        Issuer.Dispose();
        _folder.Delete(recursive: true);
    }
}
