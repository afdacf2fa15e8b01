using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace StellaOps.Telemetry.Benchmarks.Peers;

/// <summary>
/// The floor: what it costs to take a gRPC request in by Kestrel and send the same bytes out by HttpClient, one for one, with nothing parsed,
/// judged or kept. Kestrel and HttpClient are as they come; tuned, they have the gateway's own large receive buffers and inline scheduling.
/// </summary>
internal static class FloorProxy
{
    private static long s_requests;

    public static Task<int> RunAsync(Uri url, Uri target, bool isTuned)
    {
        var handler = new SocketsHttpHandler
        {
            ActivityHeadersPropagator = null,
            UseProxy = false,
            AllowAutoRedirect = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None,
        };
        var client = new HttpMessageInvoker(handler);
        return Peer.RunAsync(
            context => ForwardAsync(client, target, context),
            () => $$"""{"requests":{{Interlocked.Read(ref s_requests)}}}""",
            isTuned,
            (Peer.EndPointOf(url), HttpProtocols.Http2));
    }

    private static async Task ForwardAsync(HttpMessageInvoker client, Uri target, HttpContext context)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(target, context.Request.Path.Value))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new PipeContent(context.Request.BodyReader),
        };
        request.Content.Headers.TryAddWithoutValidation("content-type", "application/grpc");
        request.Headers.TryAddWithoutValidation("te", "trailers");
        using var answer = await client.SendAsync(request, context.RequestAborted);
        context.Response.ContentType = "application/grpc";
        using (var body = await answer.Content.ReadAsStreamAsync(context.RequestAborted))
        {
            await body.CopyToAsync(context.Response.BodyWriter, context.RequestAborted);
        }

        foreach (var (name, values) in answer.TrailingHeaders)
        {
            context.Response.AppendTrailer(name, string.Concat(values));
        }

        Interlocked.Increment(ref s_requests);
    }

    private sealed class PipeContent(PipeReader body) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => body.CopyToAsync(stream);

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
