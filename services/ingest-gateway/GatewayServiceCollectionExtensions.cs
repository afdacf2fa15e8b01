using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Egress;
using StellaOps.Telemetry.IngestGateway.Admission;
using StellaOps.Telemetry.IngestGateway.Configuration;
using StellaOps.Telemetry.IngestGateway.Fleet;
using StellaOps.Telemetry.IngestGateway.HeadSampling;
using StellaOps.Telemetry.IngestGateway.Identity;
using StellaOps.Telemetry.IngestGateway.Incidents;
using StellaOps.Telemetry.IngestGateway.Metrics;
using StellaOps.Telemetry.IngestGateway.Promotion;
using StellaOps.Telemetry.IngestGateway.Redis;
using StellaOps.Telemetry.IngestGateway.Storage;
using StellaOps.Telemetry.ServiceDefaults.Auth;

namespace StellaOps.Telemetry.IngestGateway;

/// <summary>The edge: who may send, what is taken, what is heard of incidents and promotions.</summary>
internal static class GatewayServiceCollectionExtensions
{
    private const string SnapshotFile = "snapshot.dsse.json";
    private const string IncidentsFile = "incidents.json";

    public static IServiceCollection AddGatewayEdge(this IServiceCollection services, GatewayConfiguration configuration)
    {
        services.AddSingleton(configuration);
        services.AddSingleton(configuration.Options);
        services.AddSingleton(p => new ProfileState(configuration.Profile, p.GetServices<IProfileFollower>()));
        services.AddSingleton(configuration.Trust);
        services.AddSingleton(configuration.Identity);
        services.AddSingleton<IngestInstruments>();
        services.AddSingleton<DeploymentInstruments>();
        services.AddSingleton<DeploymentReceiver>();
        services.AddSingleton<IDeploymentReceiver>(p => p.GetRequiredService<DeploymentReceiver>());
        services.AddSingleton<AdmissionGate>();
        services.AddSingleton<IngestPipeline>();
        services.AddIdentity(configuration);
        services.AddIncidents(configuration);
        services.AddHeadSampling(configuration.Profile.Settings);
        services.AddHostedService(p => p.GetRequiredService<DeploymentReceiver>());
        services.AddHostedService<ProfileWatcher>();
        services.AddHostedService<PromotionSubscriber>();
        services.AddHostedService<Heartbeat>();
        services.AddFleet(configuration);
        return services;
    }

    private static void AddIdentity(this IServiceCollection services, GatewayConfiguration configuration)
    {
        services.AddSingleton<SnapshotState>();
        services.AddSingleton<ITokenJudge, TokenJudge>();
        services.AddSingleton(p => new SenderAuthenticator(
            p.GetRequiredService<SnapshotState>(), p.GetRequiredService<ITokenJudge>(), p.GetRequiredService<TimeProvider>(), configuration.Options.MaxCachedTokens));
        var snapshots = services.AddHttpClient(SnapshotClient.HttpClientName, client => client.BaseAddress = new Uri($"http://{KnownServices.ProfileService}"))
            .AddServiceToken();

        // The client has its own retry, of at most a second: the common one waits longer than a revoked key may live.
#pragma warning disable EXTEXP0001
        snapshots.RemoveAllResilienceHandlers();
#pragma warning restore EXTEXP0001
        services.AddHostedService(p => ActivatorUtilities.CreateInstance<SnapshotClient>(p, new AtomicFile(Path.Combine(configuration.Options.DataPath, SnapshotFile))));
        services.AddHealthChecks().AddCheck<SnapshotHealthCheck>("snapshot");
    }

    private static void AddIncidents(this IServiceCollection services, GatewayConfiguration configuration)
    {
        services.AddSingleton(p => new RedisLink(configuration.RedisConnection, p.GetRequiredService<EgressDialer>(), p.GetRequiredService<ILogger<RedisLink>>()));
        services.AddSingleton(p => new IncidentScopesState(configuration.Trust, p.GetRequiredService<TimeProvider>(), configuration.Options.MaxIncidents));
        services.AddSingleton<IIncidentScopes>(p => p.GetRequiredService<IncidentScopesState>());
        services.AddHostedService(p => ActivatorUtilities.CreateInstance<IncidentSubscriber>(p, new AtomicFile(Path.Combine(configuration.Options.DataPath, IncidentsFile))));
        services.AddHostedService<IncidentUsageReporter>();
    }
}
