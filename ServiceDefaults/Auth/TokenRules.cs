using System.Security.Claims;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.ServiceDefaults.Auth;

/// <summary>What every token must satisfy, whichever way it came in.</summary>
internal static class TokenRules
{
    private static readonly string[] s_algorithms = ["ES256", "ES384", "ES512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512"];

    public static TokenValidationParameters ForFile(JwksFileKeys keys, TimeSpan clockSkew)
    {
        var parameters = Common(clockSkew);
        parameters.ValidIssuer = KnownIssuers.Development;
        parameters.ValidAlgorithms = ["ES256"];
        parameters.IssuerSigningKeyResolver = (_, _, kid, _) => keys.Current.Where(k => kid is null || k.KeyId == kid);
        return parameters;
    }

    public static TokenValidationParameters Common(TimeSpan clockSkew) => new()
    {
        ValidAudience = KnownIssuers.Audience,
        ValidAlgorithms = s_algorithms,
        ValidateIssuerSigningKey = true,
        RequireExpirationTime = true,
        RequireSignedTokens = true,
        ClockSkew = clockSkew,
        NameClaimType = KnownClaims.Subject,
    };

    /// <summary>The fault of a token whose signature and times are good, or null.</summary>
    public static string? FaultOf(ClaimsPrincipal principal)
    {
        if (string.IsNullOrEmpty(principal.FindFirstValue(JwtRegisteredClaimNames.Sub)))
        {
            return "the token has no sub claim";
        }

        return principal.FindAll(KnownClaims.Tenant).Select(c => c.Value).ToList() switch
        {
            [KnownClaims.AllTenants] => null,
            [var name] when TenantId.TryParse(name, out _) => null,
            _ => "the token's tenant claim is neither one tenant's name nor *",
        };
    }
}
