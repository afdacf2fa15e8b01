using Microsoft.AspNetCore.Authentication.JwtBearer;
using StellaOps.Telemetry.Egress;
using StellaOps.Telemetry.Profiles.Model;

namespace StellaOps.Telemetry.IngestGateway.Egress;

/// <summary>Registers the one dialer.</summary>
internal static class EgressServiceCollectionExtensions
{
    /// <summary>Adds the dialer, under the profile's policy, for every client of the gateway; who fetches an issuer's keys included.</summary>
    public static IServiceCollection AddEgress(this IServiceCollection services, SealedProfile profile)
    {
        services.AddSingleton<EgressInstruments>();
        services.AddSingleton<IHostResolver, SystemHostResolver>();
        services.AddSingleton(p => new EgressDialer(profile.ToPolicy(), p.GetRequiredService<IHostResolver>(), p.GetRequiredService<EgressInstruments>()));
        services.AddOptions<JwtBearerOptions>(JwtBearerDefaults.AuthenticationScheme)
            .Configure<EgressDialer>((options, dialer) => options.BackchannelHttpHandler = dialer.CreateHandler());
        return services;
    }
}
