using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using StellaOps.Telemetry.Egress;
using StellaOps.Telemetry.SiteProfile;

namespace StellaOps.Telemetry.IncidentService.Notify.Sealing;

/// <summary>Registers the one dialer of notifications, and of whoever fetches an issuer's keys.</summary>
internal static class EgressServiceCollectionExtensions
{
    public static IServiceCollection AddEgress(this IServiceCollection services)
    {
        services.AddOptions<SiteProfileOptions>().BindConfiguration(SiteProfileOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<SiteProfileOptions>, ValidateProfileOptions>();
        services.AddSingleton(CreateSource);
        services.AddSingleton<EgressInstruments>();
        services.TryAddSingleton<IHostResolver, SystemHostResolver>();
        services.AddSingleton(CreateDialer);
        services.AddOptions<JwtBearerOptions>(JwtBearerDefaults.AuthenticationScheme)
            .Configure<EgressDialer>((options, dialer) => options.BackchannelHttpHandler = dialer.CreateHandler());
        return services;
    }

    private static SiteProfileSource CreateSource(IServiceProvider services)
    {
        var options = services.GetRequiredService<IOptions<SiteProfileOptions>>().Value;
        return new SiteProfileSource(options.Path, options.Overlay);
    }

    /// <summary>Sealed without an allowlist where the profile cannot be read any more: what was judged at the start was another one.</summary>
    private static EgressDialer CreateDialer(IServiceProvider services) => new(
        SealedPolicy.Load(services.GetRequiredService<SiteProfileSource>(), []) ?? EgressPolicy.Sealed([]),
        services.GetRequiredService<IHostResolver>(),
        services.GetRequiredService<EgressInstruments>());
}
