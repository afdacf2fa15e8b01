namespace StellaOps.Telemetry.IncidentService.Expiry;

internal static class ExpiryServiceCollectionExtensions
{
    public static IServiceCollection AddIncidentExpiry(this IServiceCollection services) => services.AddHostedService<IncidentClock>();
}
