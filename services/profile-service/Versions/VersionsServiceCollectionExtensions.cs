namespace StellaOps.Telemetry.ProfileService.Versions;

internal static class VersionsServiceCollectionExtensions
{
    public static IServiceCollection AddVersions(this IServiceCollection services) => services.AddSingleton<StoredVersions>().AddSingleton<VersionStore>();
}
