using System.Security.Claims;
using StellaOps.Telemetry.ServiceDefaults.Auth;

namespace StellaOps.Telemetry.ProfileService.Agents;

/// <summary>Whom an instance uid belongs to: whose token reported it first. A token that is renewed has the same subject and tenant.</summary>
internal sealed record AgentOwner(string Subject, string Tenant)
{
    public static AgentOwner Of(ClaimsPrincipal user) => new(user.Actor(), user.BoundTenant() is { } tenant ? tenant.Value : KnownClaims.AllTenants);

    public override string ToString() => Tenant == KnownClaims.AllTenants ? $"'{Subject}'" : $"'{Subject}' of tenant '{Tenant}'";
}
