using Microsoft.AspNetCore.Authorization;

namespace StellaOps.Telemetry.ServiceDefaults.Auth;

/// <summary>The scopes of which an endpoint wants one; also the endpoint's metadata that <see cref="EndpointScopeCheck"/> looks for.</summary>
public sealed record ScopeRequirement(IReadOnlyList<string> AnyOf) : IAuthorizationRequirement;
