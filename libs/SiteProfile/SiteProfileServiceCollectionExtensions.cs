using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace StellaOps.Telemetry.SiteProfile;

/// <summary>The site's profile for a service that follows it.</summary>
public static class SiteProfileServiceCollectionExtensions
{
    /// <summary>
    /// Adds what reads the profile, and keeps the service's dialer and every <see cref="ISiteProfileFollower"/> to it. A profile that cannot be read
    /// stops the start: nobody could say whether the site is sealed.
    /// </summary>
    public static IServiceCollection AddSiteProfile(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptions<SiteProfileOptions>().BindConfiguration(SiteProfileOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<SiteProfileOptions>, SiteProfileOptions.Validator>();
        services.AddSingleton(p => p.GetRequiredService<IOptions<SiteProfileOptions>>().Value.ToSource());
        services.AddSingleton<ISiteProfileFollower, SealedFollower>();
        services.AddHostedService<SiteProfileWatcher>();
        return services;
    }
}
