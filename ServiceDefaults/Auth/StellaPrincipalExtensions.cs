using System.Security.Claims;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.ServiceDefaults.Auth;

/// <summary>What a validated token says about its bearer.</summary>
public static class StellaPrincipalExtensions
{
    /// <summary>Who acts, as it stands in the audit trail.</summary>
    public static string Actor(this ClaimsPrincipal principal) => principal.FindFirstValue(KnownClaims.Subject) ?? "anonymous";

    /// <summary>The one tenant that the token is bound to; null when it is good for all (<c>*</c>).</summary>
    /// <exception cref="InvalidOperationException">The principal has no tenant claim: it did not come from a validated token.</exception>
    public static TenantId? BoundTenant(this ClaimsPrincipal principal) => principal.FindFirstValue(KnownClaims.Tenant) switch
    {
        KnownClaims.AllTenants => null,
        { } name when TenantId.TryParse(name, out var tenant) => tenant,
        _ => throw new InvalidOperationException("the principal is bound to no tenant"),
    };

    /// <summary>Whether the token's tenant bound includes this tenant.</summary>
    public static bool MayAccess(this ClaimsPrincipal principal, TenantId tenant) => principal.FindFirstValue(KnownClaims.Tenant) switch
    {
        null or "" => false,
        KnownClaims.AllTenants => true,
        var name => name == tenant.Value,
    };

    /// <summary>
    /// Whether the token grants a scope. <c>admin</c> grants every other one; <c>telemetry:write</c> is granted to a token of one tenant only.
    /// </summary>
    public static bool HasScope(this ClaimsPrincipal principal, string scope)
    {
        if (scope == KnownScopes.TelemetryWrite && principal.FindFirstValue(KnownClaims.Tenant) is null or "" or KnownClaims.AllTenants)
        {
            return false;
        }

        return principal.FindAll(KnownClaims.Scope)
            .SelectMany(c => c.Value.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Any(granted => granted == scope || granted == KnownScopes.Admin);
    }
}
