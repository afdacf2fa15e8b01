using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace StellaOps.Telemetry.OpAmp.Server;

/// <summary>How an application becomes an OpAMP server.</summary>
public static class OpAmpServerExtensions
{
    private static readonly string[] s_methods = [HttpMethods.Get, HttpMethods.Post, HttpMethods.Connect];

    /// <summary>Adds the server; <see cref="AgentConnections"/> is there for it. Options are judged at start.</summary>
    /// <param name="section">Prefix of the options' keys in what a fault says.</param>
    public static IServiceCollection AddOpAmpServer<TServer>(this IServiceCollection services, string section, Action<OpAmpServerOptions>? configure = null)
        where TServer : class, IOpAmpServer
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptions<OpAmpServerOptions>().Configure(configure ?? (_ => { })).ValidateOnStart();
        services.AddSingleton<IValidateOptions<OpAmpServerOptions>>(new ValidateOpAmpServerOptions(section));
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<TServer>();
        services.AddSingleton<IOpAmpServer>(p => p.GetRequiredService<TServer>());
        services.AddSingleton<AgentConnections>();
        services.AddSingleton<OpAmpInstruments>();
        services.AddSingleton<MessageDesk>();
        services.AddSingleton<HttpTransport>();
        services.AddSingleton<WebSocketTransport>();
        return services;
    }

    /// <summary>
    /// Serves both transports on one path: a POST of <c>application/x-protobuf</c> is plain HTTP, everything else has to be the start of a
    /// WebSocket. Who may is the caller's to add (<c>RequireAuthorization</c>).
    /// </summary>
    public static IEndpointConventionBuilder MapOpAmp(this IEndpointRouteBuilder endpoints, string pattern = KnownOpAmp.Path)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        var options = endpoints.ServiceProvider.GetRequiredService<IOptions<OpAmpServerOptions>>().Value;
        var pipeline = endpoints.CreateApplicationBuilder();
        pipeline.UseWebSockets(new WebSocketOptions { KeepAliveInterval = options.PingInterval, KeepAliveTimeout = options.PingTimeout });

        // Not before the first request: what the server itself needs may have settings that are judged at the start, after the mapping.
        pipeline.Run(context => HttpTransport.IsMessage(context.Request)
            ? context.RequestServices.GetRequiredService<HttpTransport>().HandleAsync(context)
            : context.RequestServices.GetRequiredService<WebSocketTransport>().HandleAsync(context));
        return endpoints.MapMethods(pattern, s_methods, pipeline.Build()).WithDisplayName("OpAMP");
    }

    private sealed class ValidateOpAmpServerOptions(string section) : IValidateOptions<OpAmpServerOptions>
    {
        public ValidateOptionsResult Validate(string? name, OpAmpServerOptions options) =>
            options.Faults(section).ToList() is { Count: > 0 } faults ? ValidateOptionsResult.Fail(faults) : ValidateOptionsResult.Success;
    }
}
