namespace StellaOps.Telemetry.ProfileService.IngestKeys;

internal static class IngestKeysServiceCollectionExtensions
{
    public static IServiceCollection AddIngestKeys(this IServiceCollection services)
    {
        services.AddOptions<BootstrapOptions>().BindConfiguration(BootstrapOptions.Section).ValidateOnStart();
        services.AddSingleton<Microsoft.Extensions.Options.IValidateOptions<BootstrapOptions>, ValidateBootstrapOptions>();
        services.AddSingleton<IngestKeyStore>();
        services.AddHostedService<SystemTenantSeed>();
        return services;
    }
}
