using Microsoft.Extensions.Options;
using StellaOps.Telemetry.CaptureWorker.Retention.Api;
using StellaOps.Telemetry.CaptureWorker.Retention.Leaving;
using StellaOps.Telemetry.CaptureWorker.Retention.Policy;
using StellaOps.Telemetry.CaptureWorker.Retention.Removing;
using StellaOps.Telemetry.CaptureWorker.Retention.Sweeping;
using StellaOps.Telemetry.SiteProfile;

namespace StellaOps.Telemetry.CaptureWorker.Retention;

/// <summary>Registers what takes chunks from the archive, and what tells of it.</summary>
internal static class RetentionServiceCollectionExtensions
{
    public static IServiceCollection AddRetention(this IServiceCollection services)
    {
        services.AddOptions<RetentionOptions>().BindConfiguration(RetentionOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<RetentionOptions>, RetentionOptions.Validator>();
        services.AddSingleton<PolicyState>();
        services.AddSingleton<ISiteProfileFollower>(p => p.GetRequiredService<PolicyState>());
        services.AddSingleton<RemovalStore>();
        services.AddSingleton<LeftChunkStore>();
        services.AddSingleton<RetentionInstruments>();
        services.AddSingleton<ChunkRemover>();
        services.AddSingleton<RetentionSweeper>();
        services.AddSingleton<ArchiveUsageReader>();
        services.AddSingleton<ArchivePlanReader>();
        services.AddSingleton<ArchivePlanServices>();
        services.AddHostedService<RetentionService>();
        return services;
    }
}
