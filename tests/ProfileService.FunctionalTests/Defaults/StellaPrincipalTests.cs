using System.Security.Claims;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.ServiceDefaults.Auth;

namespace StellaOps.Telemetry.ProfileService.FunctionalTests.Defaults;

public sealed class StellaPrincipalTests
{
    [Theory]
    [InlineData("*", "admin", KnownScopes.CapturesCreate, true)]
    [InlineData("*", "admin", KnownScopes.TelemetryWrite, false)]
    [InlineData("*", "telemetry:write", KnownScopes.TelemetryWrite, false)]
    [InlineData("shop", "admin", KnownScopes.TelemetryWrite, true)]
    [InlineData("shop", "telemetry:write", KnownScopes.TelemetryWrite, true)]
    [InlineData("shop", "telemetry:read incidents:read", KnownScopes.IncidentsRead, true)]
    [InlineData("shop", "incidents:readonly", KnownScopes.IncidentsRead, false)]
    [InlineData("shop", "", KnownScopes.IncidentsRead, false)]
    [InlineData(null, "telemetry:write", KnownScopes.TelemetryWrite, false)]
    public void HasScope_TenantAndScopes_Grants(string? tenant, string scopes, string asked, bool granted) =>
        Assert.Equal(granted, Principal(tenant, scopes).HasScope(asked));

    [Theory]
    [InlineData("*", true)]
    [InlineData("shop", true)]
    [InlineData("shop2", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void MayAccess_TenantClaim_IsExact(string? tenant, bool may) => Assert.Equal(may, Principal(tenant, "").MayAccess(TenantId.Parse("shop")));

    private static ClaimsPrincipal Principal(string? tenant, string scopes) =>
        new(new ClaimsIdentity([new(KnownClaims.Scope, scopes), .. tenant is null ? Array.Empty<Claim>() : [new Claim(KnownClaims.Tenant, tenant)]], "test"));
}
