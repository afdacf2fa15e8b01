using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using StellaOps.Telemetry.Egress;

namespace StellaOps.Telemetry.IncidentService.Notify.Sealing;

/// <summary>Registers the one dialer of notifications, and of whoever fetches an issuer's keys.</summary>
internal static class EgressServiceCollectionExtensions
{
    public static IServiceCollection AddEgress(this IServiceCollection services)
    {
        services.AddOptions<ProfileOptions>().BindConfiguration(ProfileOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<ProfileOptions>, ValidateProfileOptions>();
        services.AddSingleton(CreateSource);
        services.AddSingleton<EgressInstruments>();
        services.TryAddSingleton<IHostResolver, SystemHostResolver>();
        services.AddSingleton(CreateDialer);
        services.AddOptions<JwtBearerOptions>(JwtBearerDefaults.AuthenticationScheme)
            .Configure<EgressDialer>((options, dialer) => options.BackchannelHttpHandler = dialer.CreateHandler());
        return services;
    }

    private static SealedProfileSource CreateSource(IServiceProvider services)
    {
        var options = services.GetRequiredService<IOptions<ProfileOptions>>().Value;
        return new SealedProfileSource(options.Path, options.Overlay);
    }

    /// <summary>Sealed without an allowlist where the profile cannot be read any more: what was judged at the start was another one.</summary>
    private static EgressDialer CreateDialer(IServiceProvider services) => new(
        services.GetRequiredService<SealedProfileSource>().Load([]) ?? EgressPolicy.Sealed([]),
        services.GetRequiredService<IHostResolver>(),
        services.GetRequiredService<EgressInstruments>());
}
