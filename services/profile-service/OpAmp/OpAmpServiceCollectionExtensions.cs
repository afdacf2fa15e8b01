using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Fleet;
using StellaOps.Telemetry.OpAmp.Server;
using StellaOps.Telemetry.ServiceDefaults.Auth;

namespace StellaOps.Telemetry.ProfileService.OpAmp;

internal static class OpAmpServiceCollectionExtensions
{
    // A package has at most a closure of 4 MiB and some bundles; an agent's message is far smaller.
    private const int MaxMessageBytes = 8 << 20;

    public static IServiceCollection AddFleetServer(this IServiceCollection services)
    {
        services.AddOpAmpServer<FleetServer>("Stella__OpAmp", o => o.MaxMessageBytes = MaxMessageBytes);
        services.AddHostedService<DesiredWatch>();
        return services;
    }

    public static IEndpointConventionBuilder MapFleetServer(this IEndpointRouteBuilder routes) => routes.MapOpAmp(KnownFleet.OpAmpPath).RequireScope(KnownScopes.FleetAgent);
}
