using Microsoft.Extensions.Options;

namespace StellaOps.Telemetry.ProfileService.Trust;

internal static class TrustServiceCollectionExtensions
{
    /// <summary>The judges of what people sign, by the trust file as it is now.</summary>
    public static IServiceCollection AddTrust(this IServiceCollection services)
    {
        services.AddOptions<TrustOptions>().BindConfiguration(TrustOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<TrustOptions>, ValidateTrustOptions>();
        services.AddSingleton(s => Load(s.GetRequiredService<IOptions<TrustOptions>>().Value.File!));
        services.AddSingleton<TrustWatcher>();
        services.AddHostedService(s => s.GetRequiredService<TrustWatcher>());
        services.AddHealthChecks().AddCheck<TrustWatcher>("trust");
        return services;
    }

    private static TrustState Load(string file) =>
        TrustModel.TryLoad(file, out var model, out var why) ? new TrustState(model) : throw new InvalidOperationException($"Stella__Trust__File is '{file}': {why}");
}
