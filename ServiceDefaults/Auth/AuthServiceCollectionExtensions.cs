using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace StellaOps.Telemetry.ServiceDefaults.Auth;

/// <summary>Authentication and scopes.</summary>
public static class AuthServiceCollectionExtensions
{
    internal static IServiceCollection AddStellaAuth(this IServiceCollection services)
    {
        services.AddOptions<StellaAuthOptions>().BindConfiguration(StellaAuthOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<StellaAuthOptions>, ValidateStellaAuthOptions>();
        services.AddSingleton<IConfigureOptions<JwtBearerOptions>, ConfigureStellaJwtBearer>();
        services.AddSingleton<IAuthorizationHandler, ScopeAuthorizationHandler>();
        services.AddSingleton<TokenValidator>();
        services.AddTransient<ServiceTokenHandler>();
        services.AddAuthentication(JwtBearerDefaults.AuthenticationScheme).AddJwtBearer();
        services.AddAuthorizationBuilder()
            .SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAssertion(IsNoRoute).Build());
        services.AddHostedService<EndpointScopeCheck>();
        return services;
    }

    /// <summary>
    /// What reaches the fallback policy is either no route at all (404, 405, 415: nothing to protect) or a route that names no scope, which
    /// nobody may call.
    /// </summary>
    private static bool IsNoRoute(AuthorizationHandlerContext context) => context.Resource is HttpContext http && http.GetEndpoint() is not RouteEndpoint;

    /// <summary>Sends this service's own token (<c>Stella__Auth__ServiceTokenFile</c>) with the client's requests.</summary>
    public static IHttpClientBuilder AddServiceToken(this IHttpClientBuilder builder) => builder.AddHttpMessageHandler<ServiceTokenHandler>();
}
