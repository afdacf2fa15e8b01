using Microsoft.Extensions.Options;
using StellaOps.Telemetry.Evidence.Signing;
using StellaOps.Telemetry.Profiles.Signing;

namespace StellaOps.Telemetry.ProfileService.Trust;

internal static class TrustServiceCollectionExtensions
{
    /// <summary>The judges of what people sign. A changed trust file is read at the next start.</summary>
    public static IServiceCollection AddTrust(this IServiceCollection services)
    {
        services.AddOptions<TrustOptions>().BindConfiguration(TrustOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<TrustOptions>, ValidateTrustOptions>();
        services.AddSingleton(s => TrustStore.Load(s.GetRequiredService<IOptions<TrustOptions>>().Value.File!));
        services.AddSingleton(s => new VersionJudge(s.GetRequiredService<TrustStore>(), s.GetRequiredService<TrustStore>().Profiles));
        services.AddSingleton(s => new DeploymentJudge(s.GetRequiredService<TrustStore>(), s.GetRequiredService<TrustStore>().Profiles));
        return services;
    }
}
