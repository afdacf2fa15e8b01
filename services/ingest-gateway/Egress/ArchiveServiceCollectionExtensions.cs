using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Archive.Objects.S3;
using StellaOps.Telemetry.Egress;
using StellaOps.Telemetry.IngestGateway.Configuration;

namespace StellaOps.Telemetry.IngestGateway.Egress;

/// <summary>Registers the archive.</summary>
internal static class ArchiveServiceCollectionExtensions
{
    /// <summary>Adds the archive's <see cref="IObjectStore"/>, whose connections the one dialer makes.</summary>
    public static IServiceCollection AddArchive(this IServiceCollection services, ArchiveOptions options)
    {
        services.AddSingleton(p => options.Open(
            new S3Connections(p.GetRequiredService<EgressDialer>().CreateHandler, e => EgressDeniedException.In(e) is not null),
            p.GetRequiredService<TimeProvider>(),
            p.GetRequiredService<ILoggerFactory>().CreateLogger<S3ObjectStore>()));
        services.AddSingleton<IProfileFollower>(new ArchiveEgress(options));
        return services;
    }
}
