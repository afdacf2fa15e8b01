using StellaOps.Telemetry.SiteProfile;

namespace StellaOps.Telemetry.IncidentService.Site;

/// <summary>Registers what incidents begin with, by the site's profile.</summary>
internal static class SiteServiceCollectionExtensions
{
    public static IServiceCollection AddSiteTerms(this IServiceCollection services)
    {
        services.AddSingleton(CreateTerms);
        services.AddSingleton<ISiteProfileFollower>(p => p.GetRequiredService<SiteTerms>());
        return services;
    }

    /// <summary>The first request may come before the first look at the profile: terms begin with it.</summary>
    private static SiteTerms CreateTerms(IServiceProvider services)
    {
        var terms = new SiteTerms();
        if (services.GetRequiredService<SiteProfileSource>().Load([]) is { } profile)
        {
            terms.Apply(profile);
        }

        return terms;
    }
}
