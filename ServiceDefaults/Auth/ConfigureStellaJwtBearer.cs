using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace StellaOps.Telemetry.ServiceDefaults.Auth;

internal sealed class ConfigureStellaJwtBearer(IOptions<StellaAuthOptions> auth, TimeProvider time, ILoggerFactory loggers)
    : IConfigureNamedOptions<JwtBearerOptions>
{
    public void Configure(JwtBearerOptions options) => Configure(JwtBearerDefaults.AuthenticationScheme, options);

    public void Configure(string? name, JwtBearerOptions options)
    {
        options.MapInboundClaims = false;
        options.IncludeErrorDetails = true;
        options.Events = new JwtBearerEvents { OnTokenValidated = OnTokenValidated };
        if (auth.Value.Authority is { Length: > 0 } authority)
        {
            options.Authority = authority;
            options.RequireHttpsMetadata = !new Uri(authority).IsLoopback;
            options.TokenValidationParameters = TokenRules.Common(auth.Value.ClockSkew);
            return;
        }

        var keys = new JwksFileKeys(auth.Value.JwksFile!, time, loggers.CreateLogger<JwksFileKeys>());
        options.TokenValidationParameters = TokenRules.ForFile(keys, auth.Value.ClockSkew);
    }

    private static Task OnTokenValidated(TokenValidatedContext context)
    {
        if (TokenRules.FaultOf(context.Principal!) is { } fault)
        {
            context.Fail(fault);
        }

        return Task.CompletedTask;
    }
}
