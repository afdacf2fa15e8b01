using StellaOps.Telemetry.ServiceDefaults.Auth;
using StellaOps.Telemetry.ServiceDefaults.Http;

namespace StellaOps.Telemetry.ProfileService;

/// <summary>Profiles and the fleet belong to all tenants: a token of one tenant must neither see nor change them.</summary>
internal static class AllTenantsFilter
{
    public static RouteGroupBuilder RequireAllTenants(this RouteGroupBuilder group) => group.AddEndpointFilter((context, next) =>
        context.HttpContext.User.BoundTenant() is null ? next(context) : ValueTask.FromResult<object?>(Problems.AllTenantsNeeded()));
}
