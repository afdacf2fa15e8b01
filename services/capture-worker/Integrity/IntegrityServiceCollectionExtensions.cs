using Microsoft.Extensions.Options;
using StellaOps.Telemetry.CaptureWorker.Integrity.Compaction;
using StellaOps.Telemetry.CaptureWorker.Integrity.Roots;
using StellaOps.Telemetry.CaptureWorker.Integrity.Scrubs;

namespace StellaOps.Telemetry.CaptureWorker.Integrity;

/// <summary>Day roots, compaction and scrubs.</summary>
internal static class IntegrityServiceCollectionExtensions
{
    public static IServiceCollection AddArchiveIntegrity(this IServiceCollection services)
    {
        services.AddOptions<IntegrityOptions>().BindConfiguration(IntegrityOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<IntegrityOptions>, ValidateIntegrityOptions>();
        services.AddSingleton<IntegrityInstruments>();
        services.AddSingleton<RootHeadStore>();
        services.AddSingleton<ScrubStore>();
        services.AddHostedService<RootKeeper>();
        services.AddHostedService<CompactionService>();
        services.AddHostedService<ScrubService>();
        return services;
    }
}
