using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace StellaOps.Telemetry.IngestGateway.Tests.TestServices;

/// <summary>A scripted OTLP store on loopback, over gRPC or HTTP.</summary>
internal sealed class OtlpSink : IAsyncDisposable
{
    private readonly WebApplication _app;

    private OtlpSink(WebApplication app) => _app = app;

    /// <summary>Answers to give first: gRPC or HTTP status codes; afterwards everything is accepted.</summary>
    public ConcurrentQueue<int> Refusals { get; } = new();

    public ConcurrentQueue<(string Path, string Tenant, byte[] Body)> Requests { get; } = new();

    public Uri Url => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    public static async Task<OtlpSink> StartAsync(bool grpc)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(o => o.Listen(IPAddress.Loopback, 0, l => l.Protocols = grpc ? HttpProtocols.Http2 : HttpProtocols.Http1));
        var sink = new OtlpSink(builder.Build());
        sink._app.Run(context => sink.AnswerAsync(context, grpc));
        await sink._app.StartAsync();
        return sink;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context, bool grpc)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        Requests.Enqueue((context.Request.Path, context.Request.Headers["X-Scope-OrgID"].ToString(), grpc ? body.ToArray()[5..] : body.ToArray()));
        var isRefused = Refusals.TryDequeue(out var code);
        if (!grpc)
        {
            context.Response.StatusCode = isRefused ? code : 200;
            return;
        }

        context.Response.ContentType = "application/grpc";
        if (isRefused)
        {
            context.Response.Headers["grpc-status"] = code.ToString(System.Globalization.CultureInfo.InvariantCulture);
            context.Response.Headers["grpc-message"] = "not now";
            return;
        }

        await context.Response.Body.WriteAsync(new byte[5]);
        context.Response.AppendTrailer("grpc-status", "0");
    }
}
