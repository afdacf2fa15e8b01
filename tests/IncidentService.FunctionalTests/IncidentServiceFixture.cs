using Microsoft.Extensions.DependencyInjection;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.Tests.Shared.Auth;
using StellaOps.Telemetry.Tests.Shared.Hosting;
using StellaOps.Telemetry.Tests.Shared.Postgres;
using StellaOps.Telemetry.Tests.Shared.Redis;

namespace StellaOps.Telemetry.IncidentService.FunctionalTests;

/// <summary>What incident services under test need: a database, one of the servers that speak Redis, keys and tokens.</summary>
public sealed class IncidentServiceFixture : IAsyncDisposable
{
    private readonly List<RunningService> _services = [];

    private IncidentServiceFixture(TestDatabase database, RedisServer redis)
    {
        Database = database;
        Redis = redis;
    }

    public DevIssuer Issuer { get; } = new();

    public TestIdentities Identities { get; } = new();

    public TestDatabase Database { get; }

    public RedisServer Redis { get; }

    public static async Task<IncidentServiceFixture> CreateAsync(RedisKind kind, bool redisRuns = true) =>
        new(await TestDatabase.CreateAsync(), redisRuns ? await RedisServer.StartNewAsync(kind) : RedisServer.CreateStopped(kind));

    /// <summary>What AppHost would give the service.</summary>
    public Dictionary<string, string> Environment() => new()
    {
        [KnownEnvironment.PostgresConnection] = Database.ConnectionString,
        [KnownEnvironment.RedisConnection] = Redis.ConnectionString,
        [KnownEnvironment.AuthJwksFile] = Issuer.JwksFile,
        [KnownEnvironment.IdentityKeyFile] = Identities.KeyFile(KnownServices.IncidentService),
        [KnownEnvironment.TrustFile] = Identities.TrustFile,
    };

    /// <param name="settings">More of its environment.</param>
    public async Task<RunningService> StartServiceAsync(TimeProvider? time = null, IReadOnlyDictionary<string, string>? settings = null, Action<IServiceCollection>? configure = null)
    {
        var environment = Environment();
        foreach (var (name, value) in settings ?? new Dictionary<string, string>())
        {
            environment[name] = value;
        }

        var arguments = RunningService.Arguments(environment);
        var service = await RunningService.StartAsync(IncidentServiceApp.Build(arguments, builder =>
        {
            if (time is not null)
            {
                builder.Services.AddSingleton(time);
            }

            configure?.Invoke(builder.Services);
        }));
        _services.Add(service);
        await service.ReadyAsync();
        return service;
    }

    /// <summary>A client with the role of a responder.</summary>
    public HttpClient Responder(RunningService service, string tenant = "*") =>
        service.Client(Issuer.Mint("rita", tenant, [.. KnownScopes.Roles["responder"]]));

    public static TenantId NewTenant() => TenantId.Parse($"t-{Guid.NewGuid():n}");

    public async ValueTask DisposeAsync()
    {
        foreach (var service in _services)
        {
            await service.DisposeAsync();
        }

        await Redis.DisposeAsync();
        await Database.DisposeAsync();
        Identities.Dispose();
        Issuer.Dispose();
    }
}
