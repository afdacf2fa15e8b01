using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using StellaOps.Telemetry.IngestGateway.Admission;
using StellaOps.Telemetry.IngestGateway.Configuration;
using StellaOps.Telemetry.IngestGateway.Identity;
using StellaOps.Telemetry.IngestGateway.Listeners.Tls;
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
        builder.Services.AddSingleton<DrainState>();
        builder.Services.AddHostedService(p => p.GetRequiredService<DrainState>());
        builder.Services.AddHealthChecks().AddCheck<DrainState>("draining");
        if (configuration.Tls is { } material)
        {
            builder.Services.AddSingleton(p => new TlsState(material, p.GetRequiredService<TimeProvider>()));
            builder.Services.AddSingleton<TlsWatcher>();
            builder.Services.AddHostedService(p => p.GetRequiredService<TlsWatcher>());
            builder.Services.AddHealthChecks().AddCheck<TlsWatcher>("tls");
        }

        var connections = new ConnectionLimit(configuration.Options.MaxConnections);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout += configuration.Options.DrainDelay);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            Limit(kestrel.Limits);
            foreach (var api in configuration.ApiEndpoints)
            {
                kestrel.Listen(api);
            }

            kestrel.Listen(configuration.Grpc.EndPoint, o => Bind(o, configuration.Grpc, HttpProtocols.Http2, OtlpListenerKind.Grpc, connections));

            // Without TLS there is nothing to choose by between HTTP/1.1 and HTTP/2.
            var protocols = configuration.Http.IsTls ? HttpProtocols.Http1AndHttp2 : HttpProtocols.Http1;
            kestrel.Listen(configuration.Http.EndPoint, o => Bind(o, configuration.Http, protocols, OtlpListenerKind.Http, connections));
        });
    }

    /// <summary>OTLP requests end here; everything else goes on. Ahead of routing, so that a request costs no route look-up.</summary>
    public static void UseOtlpListeners(this WebApplication app)
    {
        var grpc = app.Services.GetRequiredService<GrpcListener>();
        var http = app.Services.GetRequiredService<HttpListener>();
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(OtlpListenersExtensions));
        var drain = app.Services.GetRequiredService<DrainState>();
        Func<HttpContext, PeerCertificate?, Task> handleGrpc = grpc.HandleAsync, handleHttp = http.HandleAsync;
        app.Use(next => context =>
        {
            if (context.Features.Get<OtlpListenerFeature>() is not { } listener)
            {
                return next(context);
            }

            drain.Tell(context);
            return HandleAsync(context, listener, listener.Kind == OtlpListenerKind.Grpc ? handleGrpc : handleHttp, logger);
        });
    }

    /// <summary>Whether a request is one of the API: receiving telemetry makes no telemetry, or there would be no end to it.</summary>
    public static bool IsApi(HttpContext context) => context.Features.Get<OtlpListenerFeature>() is null;

    /// <summary>What one connection can hold, and how long it may do nothing. The server's other defaults serve.</summary>
    private static void Limit(KestrelServerLimits limits)
    {
        limits.MaxRequestHeadersTotalSize = 16 * 1024;
        limits.MaxRequestHeaderCount = 64;
        limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 4 * 1024, gracePeriod: TimeSpan.FromSeconds(5));
        limits.MaxRequestBufferSize = 256 * 1024;

        // What a connection may have sent that nobody has read yet: five usual batches. The default, 1 MiB, is what a few hundred senders fill
        // when the processors cannot follow (40 MiB more under eng/overload.sh); with 384 KiB every other request costs an update of its window,
        // a send of its own and 0.6 CPU-s per million spans.
        limits.Http2.InitialStreamWindowSize = 512 * 1024;
        limits.Http2.InitialConnectionWindowSize = 640 * 1024;

        // A sender whose machine is gone says nothing; the limit on connections would fill with its like.
        limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(60);
        limits.Http2.KeepAlivePingTimeout = TimeSpan.FromSeconds(20);
    }

    private static void Bind(ListenOptions options, ListenerAddress address, HttpProtocols protocols, OtlpListenerKind kind, ConnectionLimit connections)
    {
        options.Protocols = protocols;
        options.Use(connections.Wrap);
        var tls = address.IsTls ? options.ApplicationServices.GetRequiredService<TlsState>() : null;
        if (tls is not null)
        {
            options.UseHttps(new TlsHandshakeCallbackOptions
            {
                HandshakeTimeout = TimeSpan.FromSeconds(10),
                OnConnection = _ => ValueTask.FromResult(tls.NewServerOptions()),
            });
        }

        var nameless = new OtlpListenerFeature(kind, Peer: null);
        options.Use(next => connection =>
        {
            var certificate = tls is null ? null : connection.Features.Get<ITlsConnectionFeature>()?.ClientCertificate;
            connection.Features.Set(certificate is null ? nameless : new OtlpListenerFeature(kind, new PeerCertificate(certificate, tls!)));
            return next(connection);
        });
    }

    private static async Task HandleAsync(HttpContext context, OtlpListenerFeature listener, Func<HttpContext, PeerCertificate?, Task> handle, ILogger logger)
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
            await handle(context, listener.Peer);
        }
        catch (Exception e) when (context.RequestAborted.IsCancellationRequested && e is OperationCanceledException or IOException or BadHttpRequestException)
        {
            // The sender left; nobody waits for an answer.
        }
        catch (BadHttpRequestException e) when (!context.Response.HasStarted)
        {
            Answer(context, listener.Kind, e.StatusCode == StatusCodes.Status408RequestTimeout ? IngestStatus.BodyTooSlow : IngestStatus.Malformed);
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            Log.RequestFailed(logger, e);
            Answer(context, listener.Kind, IngestStatus.Failed);
        }
    }

    private static void Answer(HttpContext context, OtlpListenerKind kind, IngestStatus status)
    {
        context.Response.Clear();
        if (kind == OtlpListenerKind.Grpc)
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
