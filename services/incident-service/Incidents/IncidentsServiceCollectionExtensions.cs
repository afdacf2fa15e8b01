using Microsoft.Extensions.Options;
using StellaOps.Telemetry.IncidentService.Limits;

namespace StellaOps.Telemetry.IncidentService.Incidents;

internal static class IncidentsServiceCollectionExtensions
{
    public static IServiceCollection AddIncidents(this IServiceCollection services)
    {
        services.AddOptions<IncidentLimits>().BindConfiguration(IncidentLimits.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<IncidentLimits>, ValidateIncidentLimits>();
        services.AddSingleton<IncidentCeilings>();
        services.AddHostedService<IncidentThrottle>();
        services.AddSingleton<IncidentStore>();
        services.AddSingleton<IncidentServices>();
        return services;
    }
}
