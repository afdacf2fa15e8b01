using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.OpAmp;
using StellaOps.Telemetry.OpAmp.Server;
using StellaOps.Telemetry.ServiceDefaults.Auth;

namespace StellaOps.Telemetry.ProfileService.OpAmp;

internal static class OpAmpServiceCollectionExtensions
{
    /// <summary>Section <c>Stella:OpAmp</c>: the transports' bounds.</summary>
    public const string Section = "Stella:OpAmp";

    /// <summary>What an agent may say at once. A full state has some tens of KiB; most of a large one is the effective configuration, of which nothing is kept.</summary>
    public const int MaxMessageBytes = 4 << 20;

    /// <summary>What an agent may be told at once: a package has at most a closure of 4 MiB and some bundles.</summary>
    public const int MaxSentBytes = 8 << 20;

    public static IServiceCollection AddFleetServer(this IServiceCollection services)
    {
        services.AddOpAmpServer<FleetServer>("Stella__OpAmp", o => (o.MaxMessageBytes, o.MaxSentBytes) = (MaxMessageBytes, MaxSentBytes));
        services.AddOptions<OpAmpServerOptions>().BindConfiguration(Section);
        services.AddHostedService<DesiredWatch>();
        return services;
    }

    public static IEndpointConventionBuilder MapFleetServer(this IEndpointRouteBuilder routes) => routes.MapOpAmp(KnownOpAmp.Path).RequireScope(KnownScopes.FleetAgent);
}
