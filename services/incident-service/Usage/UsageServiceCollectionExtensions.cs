using Microsoft.Extensions.Options;
using StellaOps.Telemetry.Evidence.Signing;

namespace StellaOps.Telemetry.IncidentService.Usage;

internal static class UsageServiceCollectionExtensions
{
    public static IServiceCollection AddIncidentUsage(this IServiceCollection services)
    {
        services.AddOptions<TrustFileOptions>().BindConfiguration(TrustFileOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<TrustFileOptions>, ValidateTrustFileOptions>();
        services.AddSingleton(p => TrustStore.Load(p.GetRequiredService<IOptions<TrustFileOptions>>().Value.File!));
        services.AddSingleton<IncidentUsageState>();
        services.AddHostedService<IncidentUsageReader>();
        return services;
    }
}
