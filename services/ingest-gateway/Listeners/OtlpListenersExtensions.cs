using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using StellaOps.Telemetry.IngestGateway.Admission;
using StellaOps.Telemetry.IngestGateway.Configuration;
using BadHttpRequestException = Microsoft.AspNetCore.Http.BadHttpRequestException;

namespace StellaOps.Telemetry.IngestGateway.Listeners;

/// <summary>The three listeners, and what answers on two of them.</summary>
internal static partial class OtlpListenersExtensions
{
    /// <summary>
    /// Binds API, OTLP/gRPC and OTLP/HTTP, in this order. All three explicitly: an explicit listener makes Kestrel ignore ASPNETCORE_URLS.
    /// </summary>
    public static void AddOtlpListeners(this WebApplicationBuilder builder, GatewayConfiguration configuration)
    {
        builder.Services.AddSingleton<GrpcListener>();
        builder.Services.AddSingleton<HttpListener>();
        builder.Services.AddSingleton<IMemoryPoolFactory<byte>, ReceivePool>();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            foreach (var api in configuration.ApiEndpoints)
            {
                kestrel.Listen(api);
            }

            kestrel.Listen(configuration.GrpcEndpoint, o => Mark(o, HttpProtocols.Http2, OtlpListenerKind.Grpc));
            kestrel.Listen(configuration.HttpEndpoint, o => Mark(o, HttpProtocols.Http1, OtlpListenerKind.Http));
        });
    }

    /// <summary>OTLP requests end here; everything else goes on. Ahead of routing, so that a request costs no route look-up.</summary>
    public static void UseOtlpListeners(this WebApplication app)
    {
        var grpc = app.Services.GetRequiredService<GrpcListener>();
        var http = app.Services.GetRequiredService<HttpListener>();
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(OtlpListenersExtensions));
        app.Use(next => context => context.Features.Get<OtlpListenerFeature>() switch
        {
            { Kind: OtlpListenerKind.Grpc } => HandleAsync(context, grpc.HandleAsync, logger),
            { Kind: OtlpListenerKind.Http } => HandleAsync(context, http.HandleAsync, logger),
            _ => next(context),
        });
    }

    /// <summary>Whether a request is one of the API: receiving telemetry makes no telemetry, or there would be no end to it.</summary>
    public static bool IsApi(HttpContext context) => context.Features.Get<OtlpListenerFeature>() is null;

    private static void Mark(ListenOptions options, HttpProtocols protocols, OtlpListenerKind kind)
    {
        options.Protocols = protocols;
        var feature = new OtlpListenerFeature(kind);
        options.Use(next => connection =>
        {
            connection.Features.Set(feature);
            return next(connection);
        });
    }

    private static async Task HandleAsync(HttpContext context, RequestDelegate handle, ILogger logger)
    {
        if (context.Features.Get<IHttpMetricsTagsFeature>() is { } metrics)
        {
            metrics.MetricsDisabled = true;
        }

        // The profile's limit counts, while reading; Kestrel's own would be another.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = null;
        }

        try
        {
            await handle(context);
        }
        catch (Exception e) when (context.RequestAborted.IsCancellationRequested && e is OperationCanceledException or IOException or BadHttpRequestException)
        {
            // The sender left; nobody waits for an answer.
        }
        catch (BadHttpRequestException) when (!context.Response.HasStarted)
        {
            Answer(context, IngestStatus.Malformed);
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            Log.RequestFailed(logger, e);
            Answer(context, IngestStatus.Failed);
        }
    }

    private static void Answer(HttpContext context, IngestStatus status)
    {
        context.Response.Clear();
        if (context.Features.Get<OtlpListenerFeature>()!.Kind == OtlpListenerKind.Grpc)
        {
            GrpcAnswer.Refuse(context.Response, IngestAnswers.For(status));
        }
        else
        {
            HttpAnswer.Refuse(context.Response, IngestAnswers.For(status), json: true);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.RequestFailed, LogLevel.Error, "An OTLP request failed; the sender was told to retry")]
        public static partial void RequestFailed(ILogger logger, Exception exception);
    }
}
