using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace StellaOps.Telemetry.IngestGateway.Tests.TestServices;

/// <summary>One request as a store got it.</summary>
internal sealed record SunkRequest(string Path, string Tenant, byte[] Body, IReadOnlyDictionary<string, string> Headers, string? ClientCertificate);

/// <summary>A scripted OTLP store on loopback, over gRPC or HTTP, on demand with TLS.</summary>
internal sealed class OtlpSink : IAsyncDisposable
{
    private readonly WebApplication _app;

    private OtlpSink(WebApplication app) => _app = app;

    /// <summary>Answers to give first: gRPC or HTTP status codes; afterwards everything is accepted.</summary>
    public ConcurrentQueue<int> Refusals { get; } = new();

    /// <summary>What happens first, before <see cref="Refusals"/>; one that returns false is followed by the usual answer.</summary>
    public ConcurrentQueue<Func<HttpContext, SunkRequest, Task<bool>>> Script { get; } = new();

    /// <summary>Decides of each request for good; null gives the usual answer.</summary>
    public Func<SunkRequest, int?> Judge { get; set; } = _ => null;

    public ConcurrentQueue<SunkRequest> Requests { get; } = new();

    /// <summary>Those that were answered with success.</summary>
    public ConcurrentQueue<SunkRequest> Accepted { get; } = new();

    public Uri Url => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    public static async Task<OtlpSink> StartAsync(bool grpc, X509Certificate2? certificate = null, bool asksForCertificate = false, int port = 0)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(o =>
        {
            o.Limits.MaxRequestBodySize = null;
            o.Listen(IPAddress.Loopback, port, l =>
            {
                l.Protocols = grpc ? HttpProtocols.Http2 : HttpProtocols.Http1;
                if (certificate is not null)
                {
                    l.UseHttps(certificate, https =>
                    {
                        https.ClientCertificateMode = asksForCertificate ? ClientCertificateMode.RequireCertificate : ClientCertificateMode.NoCertificate;
                        https.AllowAnyClientCertificate();
                    });
                }
            });
        });
        var sink = new OtlpSink(builder.Build());
        sink._app.Run(context => sink.AnswerAsync(context, grpc));
        await sink._app.StartAsync();
        return sink;
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context, bool grpc)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var bytes = body.ToArray();
        var request = new SunkRequest(
            context.Request.Path,
            context.Request.Headers["X-Scope-OrgID"].ToString(),
            grpc ? bytes[5..] : bytes,
            context.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase),
            context.Connection.ClientCertificate?.Subject);
        Requests.Enqueue(request);
        if (Script.TryDequeue(out var step) && await step(context, request))
        {
            return;
        }

        var code = Refusals.TryDequeue(out var refusal) ? refusal : Judge(request);
        if (code is null)
        {
            Accepted.Enqueue(request);
        }

        if (!grpc)
        {
            context.Response.StatusCode = code ?? 200;
            return;
        }

        context.Response.ContentType = "application/grpc";
        if (code is { } status)
        {
            context.Response.Headers["grpc-status"] = status.ToString(System.Globalization.CultureInfo.InvariantCulture);
            context.Response.Headers["grpc-message"] = status == 8 ? "grpc: received message larger than max" : "not now";
            return;
        }

        await context.Response.Body.WriteAsync(new byte[5]);
        context.Response.AppendTrailer("grpc-status", "0");
    }
}
