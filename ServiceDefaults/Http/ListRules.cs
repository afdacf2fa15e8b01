using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.ServiceDefaults.Auth;

namespace StellaOps.Telemetry.ServiceDefaults.Http;

/// <summary>What every list of tenants' things may be asked for.</summary>
public static class ListRules
{
    /// <summary>Null: it may be listed.</summary>
    /// <param name="tenant">Null: of all that the token is good for.</param>
    /// <param name="limit">Null: the usual page.</param>
    public static ProblemHttpResult? ProblemOf(ClaimsPrincipal user, TenantId? tenant, int? limit, int maxLimit) =>
        limit < 1 || limit > maxLimit ? Problems.Validation(("limit", $"must be 1 to {maxLimit}"))
        : tenant is { } asked && !user.MayAccess(asked) ? Problems.TenantNotAllowed(asked)
        : null;
}
