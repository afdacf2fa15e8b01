using StellaOps.Telemetry.ServiceDefaults.Identity;

namespace StellaOps.Telemetry.ProfileService.Snapshots;

internal static class SnapshotServiceCollectionExtensions
{
    public static IServiceCollection AddSnapshots(this IServiceCollection services)
    {
        services.AddServiceIdentity();
        services.AddSingleton<SnapshotVersion>();
        services.AddSingleton<SnapshotStore>();
        services.AddSingleton<SnapshotChanges>();
        services.AddHostedService(s => s.GetRequiredService<SnapshotChanges>());
        return services;
    }
}
