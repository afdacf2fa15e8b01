using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using StellaOps.Telemetry.Contracts;

namespace StellaOps.Telemetry.ServiceDefaults.Auth;

/// <summary>How an endpoint names its scope.</summary>
public static class ScopeEndpointExtensions
{
    /// <summary>Refuses callers whose token has none of these scopes (<see cref="KnownScopes"/>).</summary>
    public static TBuilder RequireScope<TBuilder>(this TBuilder builder, params string[] anyOf)
        where TBuilder : IEndpointConventionBuilder
    {
        if (anyOf.Length == 0 || anyOf.Except(KnownScopes.All).Any())
        {
            throw new ArgumentException($"'{string.Join(' ', anyOf)}' does not name known scopes", nameof(anyOf));
        }

        var requirement = new ScopeRequirement(anyOf);
        builder.RequireAuthorization(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().AddRequirements(requirement).Build());
        builder.Add(endpoint => endpoint.Metadata.Add(requirement));
        return builder;
    }

    /// <summary>
    /// For endpoints that need no token, or that judge their callers themselves (an OTLP listener). <paramref name="reason"/> says why in the code.
    /// </summary>
    public static TBuilder AllowWithoutScope<TBuilder>(this TBuilder builder, string reason)
        where TBuilder : IEndpointConventionBuilder
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(reason);
        return builder.AllowAnonymous();
    }
}
