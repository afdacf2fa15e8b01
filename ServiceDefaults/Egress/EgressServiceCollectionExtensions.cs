using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using StellaOps.Telemetry.Egress;

namespace StellaOps.Telemetry.ServiceDefaults.Egress;

/// <summary>Sealed mode of a service.</summary>
public static class EgressServiceCollectionExtensions
{
    /// <summary>
    /// Adds the one dialer, for every client of the HTTP client factory and for who fetches an issuer's keys. Clients that are made otherwise ask
    /// for <see cref="EgressDialer"/>.
    /// </summary>
    /// <param name="policy">In force at the start.</param>
    public static IServiceCollection AddStellaEgress(this IServiceCollection services, Func<IServiceProvider, EgressPolicy> policy)
    {
        services.AddSingleton<EgressInstruments>();
        services.TryAddSingleton<IHostResolver, SystemHostResolver>();
        services.AddSingleton(p => new EgressDialer(policy(p), p.GetRequiredService<IHostResolver>(), p.GetRequiredService<EgressInstruments>()));
        services.ConfigureHttpClientDefaults(http => http.ConfigurePrimaryHttpMessageHandler(p => p.GetRequiredService<EgressDialer>().CreateHandler()));
        services.AddOptions<JwtBearerOptions>(JwtBearerDefaults.AuthenticationScheme)
            .Configure<EgressDialer>((options, dialer) => options.BackchannelHttpHandler = dialer.CreateHandler());
        return services;
    }
}
