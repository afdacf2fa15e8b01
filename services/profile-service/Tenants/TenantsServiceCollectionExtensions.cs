namespace StellaOps.Telemetry.ProfileService.Tenants;

internal static class TenantsServiceCollectionExtensions
{
    public static IServiceCollection AddTenants(this IServiceCollection services) => services.AddSingleton<TenantStore>();
}
