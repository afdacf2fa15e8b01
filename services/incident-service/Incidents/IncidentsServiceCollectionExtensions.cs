namespace StellaOps.Telemetry.IncidentService.Incidents;

internal static class IncidentsServiceCollectionExtensions
{
    public static IServiceCollection AddIncidents(this IServiceCollection services) => services.AddSingleton<IncidentStore>();
}
