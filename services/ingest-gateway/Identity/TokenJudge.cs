using System.Globalization;
using System.Security.Claims;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.ServiceDefaults.Auth;

namespace StellaOps.Telemetry.IngestGateway.Identity;

/// <summary>What the gateway has to know of a valid token.</summary>
/// <param name="Tenant">Null when it is good for all tenants.</param>
/// <param name="MayWriteIfSingle">It has the scope, but of more than one tenant.</param>
internal sealed record JudgedToken(TenantId? Tenant, bool MayWrite, bool MayWriteIfSingle, bool MayReplay, DateTimeOffset ExpiresAt);

/// <summary>Judges a bearer token that is not an ingest key.</summary>
internal interface ITokenJudge
{
    /// <summary>Null when it is not one to be trusted now.</summary>
    Task<JudgedToken?> JudgeAsync(string token, CancellationToken cancellationToken);
}

/// <summary>By the rules that the APIs have.</summary>
internal sealed class TokenJudge(TokenValidator validator) : ITokenJudge
{
    public async Task<JudgedToken?> JudgeAsync(string token, CancellationToken cancellationToken)
    {
        if (await validator.ValidateAsync(token, cancellationToken) is not { } principal
            || !long.TryParse(principal.FindFirstValue("exp"), NumberStyles.None, CultureInfo.InvariantCulture, out var expires))
        {
            return null;
        }

        var tenant = principal.BoundTenant();
        return new JudgedToken(
            tenant,
            principal.HasScope(KnownScopes.TelemetryWrite),
            tenant is null && principal.FindAll("scope").SelectMany(c => c.Value.Split(' ')).Contains(KnownScopes.TelemetryWrite),
            principal.HasScope(KnownScopes.ReplayWrite),
            DateTimeOffset.FromUnixTimeSeconds(expires));
    }
}
