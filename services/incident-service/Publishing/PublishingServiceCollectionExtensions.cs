using Microsoft.Extensions.Options;
using StackExchange.Redis;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Egress;
using StellaOps.Telemetry.ServiceDefaults.Identity;
using StellaOps.Telemetry.ServiceDefaults.Redis;

namespace StellaOps.Telemetry.IncidentService.Publishing;

internal static class PublishingServiceCollectionExtensions
{
    private static readonly TimeSpan s_redisTimeout = TimeSpan.FromSeconds(2);

    public static IServiceCollection AddIncidentPublishing(this IServiceCollection services)
    {
        services.AddServiceIdentity();
        services.AddOptions<RedisOptions>()
            .Configure<IConfiguration>((o, configuration) => o.ConnectionString = configuration.GetConnectionString("redis"))
            .ValidateOnStart();
        services.AddSingleton<IValidateOptions<RedisOptions>, ValidateRedisOptions>();
        services.AddSingleton<PublishSignal>();
        services.AddSingleton(Connect);
        services.AddSingleton<IncidentEnvelope>();
        services.AddSingleton<IncidentTeller>();
        services.AddSingleton<IncidentActivator>();
        services.AddSingleton<IncidentMetrics>();
        services.AddHostedService<IncidentPublisher>();
        services.AddHealthChecks().AddCheck<RedisHealthCheck>("redis");
        return services;
    }

    private static RedisConnection Connect(IServiceProvider services)
    {
        var redis = new RedisConnection(services.GetRequiredService<IOptions<RedisOptions>>().Value.ConnectionString, services.GetRequiredService<EgressDialer>(), s_redisTimeout, options =>
        {
            options.BacklogPolicy = BacklogPolicy.FailFast;
            options.ReconnectRetryPolicy = new LinearRetry(250);
            options.ClientName = KnownServices.IncidentService;
        });

        // What it missed while it was away is told at once, not at the next reconciliation.
        redis.Restored += services.GetRequiredService<PublishSignal>().Raise;
        return redis;
    }
}
