using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.ServiceDefaults.Auth;
using StellaOps.Telemetry.ServiceDefaults.Http;

namespace StellaOps.Telemetry.IngestGateway.Admin;

/// <summary>The <c>tenant</c> parameter of a list, within what the caller may see.</summary>
internal static class TenantFilter
{
    /// <summary>Null when it is lawful; <paramref name="wanted"/> is then the one tenant to show, or null for all.</summary>
    public static ProblemHttpResult? FaultOf(ClaimsPrincipal user, string? tenant, out TenantId? wanted)
    {
        wanted = user.BoundTenant();
        if (tenant is null)
        {
            return null;
        }

        if (!TenantId.TryParse(tenant, out var named))
        {
            return Problems.Validation(("tenant", "not a tenant name"));
        }

        wanted = named;
        return user.MayAccess(named) ? null : Problems.TenantNotAllowed(named);
    }
}
