using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Archive.Objects.S3;
using StellaOps.Telemetry.Egress;
using StellaOps.Telemetry.SiteProfile;

namespace StellaOps.Telemetry.CaptureWorker.Egress;

/// <summary>Registers the archive, and the dialer that makes its connections.</summary>
internal static class ArchiveServiceCollectionExtensions
{
    public static IServiceCollection AddArchive(this IServiceCollection services)
    {
        services.AddSingleton<EgressInstruments>();
        services.TryAddSingleton<IHostResolver, SystemHostResolver>();
        services.AddSingleton(CreateSource);
        services.AddSingleton(CreateDialer);
        services.AddSingleton(OpenArchive);
        services.AddHostedService<SealedProfileWatcher>();
        return services;
    }

    private static CaptureFilesOptions FilesOf(IServiceProvider services) => services.GetRequiredService<IOptions<CaptureFilesOptions>>().Value;

    private static SiteProfileSource CreateSource(IServiceProvider services) => new(FilesOf(services).Profile.Path, FilesOf(services).Profile.Overlay);

    /// <summary>Sealed without an allowlist where the profile cannot be read any more: what was judged at the start was another one.</summary>
    private static EgressDialer CreateDialer(IServiceProvider services) => new(
        SealedPolicy.Load(services.GetRequiredService<SiteProfileSource>(), []) ?? EgressPolicy.Sealed([]),
        services.GetRequiredService<IHostResolver>(),
        services.GetRequiredService<EgressInstruments>());

    private static IObjectStore OpenArchive(IServiceProvider services) => FilesOf(services).Archive.Open(
        new S3Connections(services.GetRequiredService<EgressDialer>().CreateHandler, e => EgressDeniedException.In(e) is not null),
        services.GetRequiredService<TimeProvider>(),
        services.GetRequiredService<ILoggerFactory>().CreateLogger<S3ObjectStore>());
}
