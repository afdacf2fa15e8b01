using Microsoft.Extensions.Options;
using StellaOps.Telemetry.ServiceDefaults.Identity;

namespace StellaOps.Telemetry.IncidentService.Publishing;

internal static class PublishingServiceCollectionExtensions
{
    public static IServiceCollection AddIncidentPublishing(this IServiceCollection services)
    {
        services.AddServiceIdentity();
        services.AddOptions<RedisOptions>()
            .Configure<IConfiguration>((o, configuration) => o.ConnectionString = configuration.GetConnectionString("redis"))
            .ValidateOnStart();
        services.AddSingleton<IValidateOptions<RedisOptions>, ValidateRedisOptions>();
        services.AddSingleton<PublishSignal>();
        services.AddSingleton<RedisConnection>();
        services.AddSingleton<IncidentEnvelope>();
        services.AddSingleton<IncidentTeller>();
        services.AddSingleton<IncidentActivator>();
        services.AddSingleton<IncidentMetrics>();
        services.AddHostedService<IncidentPublisher>();
        services.AddHealthChecks().AddCheck<RedisHealthCheck>("redis");
        return services;
    }
}
