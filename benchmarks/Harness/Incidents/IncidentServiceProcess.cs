using StellaOps.Telemetry.Benchmarks.Harness.Stack;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Tests.Shared.Postgres;
using StellaOps.Telemetry.Tests.Shared.Redis;
using StellaOps.Telemetry.Tests.Shared.Stack;

namespace StellaOps.Telemetry.Benchmarks.Harness.Incidents;

/// <summary>The built incident service as a process of its own, over a PostgreSQL of its own.</summary>
internal sealed class IncidentServiceProcess : IAsyncDisposable
{
    private readonly TestDatabase _database;
    private readonly SiblingProcess _process;
    private readonly HttpClient _http;

    private IncidentServiceProcess(TestDatabase database, SiblingProcess process, HttpClient http) => (_database, _process, _http) = (database, process, http);

    public IncidentClient Client => new(_http);

    public static async Task<IncidentServiceProcess> StartAsync(ControlPlane plane, RedisServer redis)
    {
        var database = await TestDatabase.CreateAsync();
        var process = await SiblingProcess.StartAsync(
            "IncidentService",
            SiblingProcess.OwnEnvironment(),
            new Dictionary<string, string>
            {
                [KnownEnvironment.AspNetCoreUrls] = SiblingProcess.NewUrl().ToString(),
                [KnownEnvironment.PostgresConnection] = database.ConnectionString,
                [KnownEnvironment.RedisConnection] = redis.ConnectionString,
                [KnownEnvironment.AuthJwksFile] = plane.Issuer.JwksFile,
                [KnownEnvironment.IdentityKeyFile] = plane.Identities.KeyFile(KnownServices.IncidentService),
                [KnownEnvironment.TrustFile] = plane.Identities.TrustFile,
                ["Logging__LogLevel__Default"] = "Warning",
            },
            CancellationToken.None);
        var http = new HttpClient { BaseAddress = process.Url, DefaultRequestHeaders = { Authorization = new("Bearer", plane.Issuer.Mint("bench", "*", KnownScopes.Admin)) } };
        return new IncidentServiceProcess(database, process, http);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _process.DisposeAsync();
        await _database.DisposeAsync();
    }
}
