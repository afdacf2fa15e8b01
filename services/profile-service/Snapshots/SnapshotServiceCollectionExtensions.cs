using Microsoft.Extensions.Options;

namespace StellaOps.Telemetry.ProfileService.Snapshots;

internal static class SnapshotServiceCollectionExtensions
{
    public static IServiceCollection AddSnapshots(this IServiceCollection services)
    {
        services.AddOptions<IdentityOptions>().BindConfiguration(IdentityOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<IdentityOptions>, ValidateIdentityOptions>();
        services.AddSingleton<SnapshotVersion>();
        services.AddSingleton<SnapshotStore>();
        services.AddSingleton<SnapshotChanges>();
        services.AddHostedService(s => s.GetRequiredService<SnapshotChanges>());
        return services;
    }
}
