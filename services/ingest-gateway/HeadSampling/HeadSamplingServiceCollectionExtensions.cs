using StellaOps.Telemetry.IngestGateway.Configuration;
using StellaOps.Telemetry.IngestGateway.Incidents;
using StellaOps.Telemetry.Profiles.Gateway;

namespace StellaOps.Telemetry.IngestGateway.HeadSampling;

/// <summary>Registers head sampling.</summary>
internal static class HeadSamplingServiceCollectionExtensions
{
    /// <param name="first">Of the profile that the gateway starts with; later ones come to the followers.</param>
    public static IServiceCollection AddHeadSampling(this IServiceCollection services, GatewaySettings first)
    {
        services.AddSingleton(p => new HeadStrategies(first, p.GetRequiredService<IIncidentScopes>(), p.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IProfileFollower>(p => p.GetRequiredService<HeadStrategies>());
        services.AddSingleton<HeadWaiters>();
        services.AddSingleton<HeadSamplingInstruments>();
        services.AddSingleton<HeadSamplingListener>();
        services.AddSingleton<JaegerGrpcListener>();
        services.AddHostedService<HeadSamplingWaker>();
        return services;
    }
}
