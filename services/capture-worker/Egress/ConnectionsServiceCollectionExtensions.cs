using Microsoft.Extensions.Options;
using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Archive.Objects.S3;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Egress;
using StellaOps.Telemetry.ServiceDefaults.Auth;
using StellaOps.Telemetry.ServiceDefaults.Egress;
using StellaOps.Telemetry.ServiceDefaults.Redis;
using StellaOps.Telemetry.SiteProfile;

namespace StellaOps.Telemetry.CaptureWorker.Egress;

/// <summary>Registers all that the worker talks to but PostgreSQL, and the dialer that makes those connections.</summary>
internal static class ConnectionsServiceCollectionExtensions
{
    private static readonly TimeSpan s_redisTimeout = TimeSpan.FromSeconds(2);

    public static IServiceCollection AddCaptureConnections(this IServiceCollection services)
    {
        services.AddSiteProfile();
        services.AddSingleton<ISiteProfileFollower, ArchiveFollower>();
        services.AddStellaEgress(p => p.GetRequiredService<SiteProfileSource>().LoadPolicy());
        services.AddSingleton(OpenArchive);

        // Redis may come later, and go: a capture without it names the gap.
        services.AddSingleton(p => new RedisConnection(
            p.GetRequiredService<IConfiguration>().GetConnectionString("redis") ?? "", p.GetRequiredService<EgressDialer>(), s_redisTimeout, _ => { }));
        services.AddHttpClient<IncidentClient>(http => http.BaseAddress = new Uri($"http://{KnownServices.IncidentService}/")).AddServiceToken();
        services.AddHttpClient<ProfileClient>(http => http.BaseAddress = new Uri($"http://{KnownServices.ProfileService}/")).AddServiceToken();
        return services;
    }

    private static IObjectStore OpenArchive(IServiceProvider services) => services.GetRequiredService<IOptions<CaptureFilesOptions>>().Value.Archive.Open(
        new S3Connections(services.GetRequiredService<EgressDialer>().CreateHandler, e => EgressDeniedException.In(e) is not null),
        services.GetRequiredService<TimeProvider>(),
        services.GetRequiredService<ILoggerFactory>().CreateLogger<S3ObjectStore>());
}
