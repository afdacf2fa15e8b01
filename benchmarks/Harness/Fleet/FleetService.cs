using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.Tests.Shared.Auth;
using StellaOps.Telemetry.Tests.Shared.Postgres;
using StellaOps.Telemetry.Tests.Shared.Stack;

namespace StellaOps.Telemetry.Benchmarks.Harness.Fleet;

/// <summary>The built profile service as a process of its own, over a PostgreSQL of its own.</summary>
internal sealed class FleetService : IAsyncDisposable
{
    private readonly DevIssuer _issuer = new();
    private readonly string _systemKeyFile = Path.GetTempFileName();
    private TestDatabase? _database;
    private SiblingProcess? _process;
    private HttpClient? _http;

    public TestIdentities Identities { get; } = new();

    public Uri Url => _process!.Url;

    public int ProcessId => _process!.ProcessId;

    public string AgentToken => _issuer.Mint("agent", "*", KnownScopes.FleetAgent);

    public ProfileClient Client => new(_http!);

    public async Task StartAsync()
    {
        await File.WriteAllTextAsync(_systemKeyFile, IngestKeyFormat.Create().Secret + "\n");
        _database = await TestDatabase.CreateAsync();
        _process = await SiblingProcess.StartAsync(
            "ProfileService",
            SiblingProcess.OwnEnvironment(),
            new Dictionary<string, string>
            {
                [KnownEnvironment.AspNetCoreUrls] = SiblingProcess.NewUrl().ToString(),
                [KnownEnvironment.PostgresConnection] = _database.ConnectionString,
                [KnownEnvironment.AuthJwksFile] = _issuer.JwksFile,
                [KnownEnvironment.IdentityKeyFile] = Identities.KeyFile(KnownServices.ProfileService),
                [KnownEnvironment.TrustFile] = Identities.TrustFile,
                [KnownEnvironment.SystemIngestKeyFile] = _systemKeyFile,
                ["Logging__LogLevel__Default"] = "Warning",
            },
            CancellationToken.None);
        _http = new HttpClient { BaseAddress = Url, DefaultRequestHeaders = { Authorization = new("Bearer", _issuer.Mint("operator", "*", KnownScopes.Admin)) } };
    }

    public async ValueTask DisposeAsync()
    {
        _http?.Dispose();
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        if (_database is not null)
        {
            await _database.DisposeAsync();
        }

        File.Delete(_systemKeyFile);
        Identities.Dispose();
        _issuer.Dispose();
    }
}
