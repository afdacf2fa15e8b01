using Microsoft.Extensions.Logging;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.ProfileService.FunctionalTests.TestServices;
using StellaOps.Telemetry.Tests.Shared.Auth;
using StellaOps.Telemetry.Tests.Shared.Hosting;
using StellaOps.Telemetry.Tests.Shared.Postgres;

namespace StellaOps.Telemetry.ProfileService.FunctionalTests;

/// <summary>The profile service over a database of its own.</summary>
public sealed class ProfileServiceFixture : IAsyncLifetime
{
    private readonly string _systemKeyFile = Path.GetTempFileName();
    private readonly List<RunningService> _services = [];

    public DevIssuer Issuer { get; } = new();

    public TestIdentities Identities { get; } = new();

    public string SystemKey { get; } = IngestKeyFormat.Create().Secret;

    /// <summary>What the first process logs.</summary>
    internal RecordedLog Log { get; } = new();

    internal TestDatabase Database { get; private set; } = null!;

    public RunningService Service => _services[0];

    /// <summary>What agents of the fleet present.</summary>
    public string AgentToken => Issuer.Mint("agent", "*", KnownScopes.FleetAgent);

    public HttpClient Admin => Service.Client(Issuer.Mint("alice", "*", KnownScopes.Admin));

    public async ValueTask InitializeAsync()
    {
        await File.WriteAllTextAsync(_systemKeyFile, SystemKey + "\n");
        Database = await TestDatabase.CreateAsync();
        await StartReplicaAsync();
    }

    /// <summary>One more process over the same database.</summary>
    public async Task<RunningService> StartReplicaAsync()
    {
        var service = await RunningService.StartAsync(ProfileServiceApp.Build(
            RunningService.Arguments(Environment(Database.ConnectionString)),
            builder =>
            {
                if (_services.Count == 0)
                {
                    builder.Logging.AddProvider(Log);
                }
            }));
        _services.Add(service);
        await service.ReadyAsync();
        return service;
    }

    public Dictionary<string, string> Environment(string database) => new()
    {
        [KnownEnvironment.PostgresConnection] = database,
        [KnownEnvironment.AuthJwksFile] = Issuer.JwksFile,
        [KnownEnvironment.IdentityKeyFile] = Identities.KeyFile(KnownServices.ProfileService),
        [KnownEnvironment.TrustFile] = Identities.TrustFile,
        [KnownEnvironment.SystemIngestKeyFile] = _systemKeyFile,
    };

    /// <summary>A tenant name of one test.</summary>
    public static TenantId NewTenant() => TenantId.Parse($"t-{Guid.NewGuid():n}");

    public async ValueTask DisposeAsync()
    {
        foreach (var service in _services)
        {
            await service.DisposeAsync();
        }

        await Database.DisposeAsync();
        File.Delete(_systemKeyFile);
        Identities.Dispose();
        Issuer.Dispose();
    }
}
