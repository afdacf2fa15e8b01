using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using StellaOps.Telemetry.Benchmarks.Harness.Processes;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Evidence.Signing;
using StellaOps.Telemetry.Tests.Shared.Auth;
using StellaOps.Telemetry.Tests.Shared.Postgres;
using StellaOps.Telemetry.Tests.Shared.Redis;
using StellaOps.Telemetry.Tests.Shared.Stack;

namespace StellaOps.Telemetry.Benchmarks.Harness.Captures;

/// <summary>The built capture worker as a process of its own, over a PostgreSQL and a Redis of its own, without any gateway.</summary>
internal sealed class CaptureWorkerProcess : IAsyncDisposable
{
    private const string Password = "a password";

    private readonly TestDatabase _database;
    private readonly RedisServer _redis;
    private readonly WebApplication _plane;
    private readonly DevIssuer _issuer = new();
    private readonly TestIdentities _identities = new();
    private SiblingProcess? _process;
    private HttpClient? _http;

    private CaptureWorkerProcess(TestDatabase database, RedisServer redis, WebApplication plane) => (_database, _redis, _plane) = (database, redis, plane);

    public CaptureClient Client => new(_http!);

    public ProcessUsage Usage => new(_process!.ProcessId);

    public static async Task<CaptureWorkerProcess> StartAsync(string archive, string folder, string name, IEnumerable<(string Key, string Value)> settings)
    {
        // Nobody opened an incident, and nobody audited anything.
        var builder = WebApplication.CreateSlimBuilder(["--urls=http://127.0.0.1:0"]);
        builder.Logging.ClearProviders();
        var plane = builder.Build();
        plane.MapGet("/api/v1/{what}", () => TypedResults.Text("""{"items":[]}""", "application/json"));
        await plane.StartAsync();
        var worker = new CaptureWorkerProcess(await TestDatabase.CreateAsync(), await RedisServer.StartNewAsync(RedisKind.Garnet), plane);
        try
        {
            await worker.StartProcessAsync(archive, folder, name, settings);
            return worker;
        }
        catch
        {
            await worker.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _http?.Dispose();
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        await _plane.DisposeAsync();
        await _redis.DisposeAsync();
        await _database.DisposeAsync();
        _identities.Dispose();
        _issuer.Dispose();
    }

    private async Task StartProcessAsync(string archive, string folder, string name, IEnumerable<(string Key, string Value)> settings)
    {
        Directory.CreateDirectory(folder);
        var (keyFile, passwordFile) = (Path.Combine(folder, "evidence.key"), Path.Combine(folder, "evidence.password"));
        using (var key = SigningKey.Create())
        {
            await File.WriteAllTextAsync(keyFile, CosignKey.Write(key, Password));
            await File.WriteAllTextAsync(passwordFile, Password);
        }

        var changes = new Dictionary<string, string>
        {
            [KnownEnvironment.AspNetCoreUrls] = SiblingProcess.NewUrl().ToString(),
            [KnownEnvironment.PostgresConnection] = _database.ConnectionString,
            [KnownEnvironment.RedisConnection] = _redis.ConnectionString,
            [KnownEnvironment.AuthJwksFile] = _issuer.JwksFile,
            [KnownEnvironment.IdentityKeyFile] = _identities.KeyFile(KnownServices.CaptureWorker),
            [KnownEnvironment.TrustFile] = _identities.TrustFile,
            [KnownEnvironment.ArchivePath] = archive,
            [KnownEnvironment.CaptureBundlePath] = folder,
            [KnownEnvironment.SigningKeyFile] = keyFile,
            [KnownEnvironment.SigningPasswordFile] = passwordFile,
            ["services__incident-service__http__0"] = _plane.Urls.First(),
            ["services__profile-service__http__0"] = _plane.Urls.First(),
            ["Stella__Capture__WorkerName"] = name,
        };
        foreach (var (key, value) in settings)
        {
            changes[key] = value;
        }

        _process = await SiblingProcess.StartAsync("CaptureWorker", SiblingProcess.OwnEnvironment(), changes, CancellationToken.None);
        _http = new HttpClient
        {
            BaseAddress = _process.Url,
            DefaultRequestHeaders = { Authorization = new("Bearer", _issuer.Mint("bench", "*", TimeSpan.FromHours(8), KnownIssuers.Development, KnownIssuers.Audience, [KnownScopes.CapturesCreate, KnownScopes.CapturesRead])) },
        };
    }
}
