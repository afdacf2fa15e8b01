using StellaOps.Telemetry.IngestGateway.Configuration;
using StellaOps.Telemetry.IngestGateway.Metrics;
using StellaOps.Telemetry.IngestGateway.Pipeline;
using StellaOps.Telemetry.IngestGateway.Storage;
using StellaOps.Telemetry.OpAmp.Client;

namespace StellaOps.Telemetry.IngestGateway.Fleet;

/// <summary>The gateway's place in a fleet.</summary>
internal static class FleetServiceCollectionExtensions
{
    private const string IdentityFile = "opamp-instance-uid";

    /// <summary>Adds the agent, where an OpAMP server is named.</summary>
    public static IServiceCollection AddFleet(this IServiceCollection services, GatewayConfiguration configuration)
    {
        if (!configuration.Fleet.IsConfigured)
        {
            return services;
        }

        services.AddSingleton(p => new FleetIdentity(new AtomicFile(Path.Combine(configuration.Options.DataPath, IdentityFile)), p.GetRequiredService<ILogger<FleetIdentity>>()));
        services.AddSingleton(p => new FleetHealth(
            p.GetRequiredService<IPipelineStatus>(), () => p.GetRequiredService<GatewayPipelineInstruments>().Failures, () => p.GetRequiredService<IngestInstruments>().OwnRefusals, p.GetRequiredService<TimeProvider>()));
        services.AddSingleton<EffectiveProfile>();
        services.AddSingleton<FleetConnections>();
        services.AddSingleton<IOpAmpAgentHandler, DeploymentOffers>();
        return services.AddHostedService<OpAmpAgentService>();
    }
}
