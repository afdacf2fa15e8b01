using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace StellaOps.Telemetry.Tests.Shared.S3;

/// <summary>Stands between a client and an S3 server, and does to requests what a test asks for; the others it passes on as they are.</summary>
public sealed class FaultProxy : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Uri _server;
    private readonly ConcurrentQueue<(S3Request Request, S3Fault Fault)> _struck = new();
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, MaxConnectionsPerServer = 64 }) { Timeout = TimeSpan.FromMinutes(1) };
    private Func<S3Request, S3Fault?> _judge = _ => null;

    private FaultProxy(WebApplication app, Uri server) => (_app, _server) = (app, server);

    /// <summary>Where it listens.</summary>
    public Uri Url => new(_app.Urls.First());

    /// <summary>The faults that happened, in order.</summary>
    public IReadOnlyList<(S3Request Request, S3Fault Fault)> Struck => [.. _struck];

    /// <summary>Every request that came, in order.</summary>
    public ConcurrentQueue<S3Request> Seen { get; } = new();

    /// <summary>More headers of answers, such as checksums that a server of another make would keep.</summary>
    public Func<S3Request, IEnumerable<(string Name, string Value)>> MoreHeaders { get; set; } = _ => [];

    /// <summary>Headers that answers lose, as of a server that does not know what they are about.</summary>
    public IReadOnlyList<string> HiddenHeaders { get; set; } = [];

    /// <summary>The status of answers with a range of an object: S3's is 206, and some servers say 200. Null: the server's own.</summary>
    public int? StatusOfRanges { get; set; }

    /// <summary>Starts one before a server.</summary>
    public static async Task<FaultProxy> StartNewAsync(Uri server)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k =>
        {
            k.Listen(IPAddress.Loopback, 0);
            k.Limits.MaxRequestBodySize = null;
            k.Limits.MinRequestBodyDataRate = null;
            k.Limits.MinResponseDataRate = null;
        });
        var app = builder.Build();
        var proxy = new FaultProxy(app, server);
        app.Run(proxy.ServeAsync);
        await app.StartAsync();
        return proxy;
    }

    /// <summary>Faults as a test judges each request; null: it passes.</summary>
    public void Judge(Func<S3Request, S3Fault?> judge) => Volatile.Write(ref _judge, judge);

    /// <summary>Each request, however often it is repeated, meets the fault the first time.</summary>
    public void StrikeEachOnce(S3Fault fault, params string[] operations)
    {
        var met = new ConcurrentDictionary<S3Request, bool>();
        Judge(r => (operations.Length == 0 || operations.Contains(r.Operation)) && met.TryAdd(r with { From = 0 }, true) ? fault : null);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await _app.StopAsync(patience.Token);
        await _app.DisposeAsync();
        _http.Dispose();
    }

    private async Task ServeAsync(HttpContext context)
    {
        var query = context.Request.Query.ToDictionary(q => q.Key, q => q.Value.ToString());
        var request = S3Request.Of(context.Request.Method, context.Request.Path.Value!, query, context.Request.Headers.Range.FirstOrDefault(), context.Request.Headers.Authorization.FirstOrDefault());
        Seen.Enqueue(request);
        var fault = Volatile.Read(ref _judge)(request);
        if (fault is not null)
        {
            _struck.Enqueue((request, fault));
        }

        try
        {
            await ServeAsync(context, request, fault);
        }
        catch (Exception e) when (e is IOException or HttpRequestException or OperationCanceledException or BadHttpRequestException)
        {
            context.Abort();
        }
    }

    private async Task ServeAsync(HttpContext context, S3Request request, S3Fault? fault)
    {
        switch (fault?.Kind)
        {
            case S3FaultKind.SlowDown:
                await AnswerAsync(context, 503, "SlowDown");
                return;
            case S3FaultKind.UnknownAccessKey:
                await AnswerAsync(context, 403, "InvalidAccessKeyId");
                return;
            case S3FaultKind.CorruptRequest when await IsFoundCorruptAsync(context, fault.At):
                await AnswerAsync(context, 400, "XAmzContentSHA256Mismatch");
                return;
            case S3FaultKind.Reset:
                context.Abort();
                return;
            case S3FaultKind.Stall:
                await Task.Delay(Timeout.Infinite, context.RequestAborted);
                return;
        }

        using var message = MessageOf(context, fault);
        using var answer = await _http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, context.RequestAborted);
        switch (fault?.Kind)
        {
            case S3FaultKind.InternalError:
                await answer.Content.LoadIntoBufferAsync();
                await AnswerAsync(context, 500, "InternalError");
                return;
            case S3FaultKind.LoseAnswer:
                await answer.Content.LoadIntoBufferAsync();
                context.Abort();
                return;
        }

        context.Response.StatusCode = answer.Content.Headers.ContentRange is null ? (int)answer.StatusCode : StatusOfRanges ?? (int)answer.StatusCode;
        foreach (var (name, values) in answer.Headers.Concat(answer.Content.Headers).Where(h => h.Key is not ("Transfer-Encoding" or "Connection") && !HiddenHeaders.Contains(h.Key, StringComparer.OrdinalIgnoreCase)))
        {
            context.Response.Headers[name] = values.ToArray();
        }

        foreach (var (name, value) in answer.IsSuccessStatusCode ? MoreHeaders(request) : [])
        {
            context.Response.Headers[name] = value;
        }

        await using var body = await answer.Content.ReadAsStreamAsync(context.RequestAborted);
        await CopyAsync(body, context.Response.Body, fault, S3FaultKind.CutAnswer, S3FaultKind.CorruptAnswer, context.RequestAborted);
        if (fault?.Kind == S3FaultKind.CutAnswer)
        {
            context.Abort();
        }
    }

    /// <summary>Changes the byte, and judges the body as AWS does.</summary>
    private static async Task<bool> IsFoundCorruptAsync(HttpContext context, int at)
    {
        var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        if (at < body.Length)
        {
            body.GetBuffer()[at] ^= 0x20;
        }

        body.Position = 0;
        context.Request.Body = body;
        var actual = Convert.ToHexStringLower(SHA256.HashData(body.GetBuffer().AsSpan(0, (int)body.Length)));
        return context.Request.Headers["x-amz-content-sha256"] != actual;
    }

    private HttpRequestMessage MessageOf(HttpContext context, S3Fault? fault)
    {
        var target = context.Features.Get<IHttpRequestFeature>()!.RawTarget;
        var message = new HttpRequestMessage(new HttpMethod(context.Request.Method), new Uri(_server, target)) { Version = HttpVersion.Version11 };
        if (context.Request.ContentLength > 0)
        {
            message.Content = new PassingContent(context, fault);
        }

        foreach (var (name, values) in context.Request.Headers)
        {
            if (Passes(name) && !message.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values))
            {
                message.Content ??= new ByteArrayContent([]);
                message.Content.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
            }
        }

        return message;
    }

    /// <summary>The signature covers the host that the client meant; what it expects, it gets from here.</summary>
    private static bool Passes(string header) => header.ToLowerInvariant() switch
    {
        "expect" or "connection" or "transfer-encoding" => false,

        // Asked for checksums that it does not have, moto fails; rclone would miss it in the signature.
        "x-amz-checksum-mode" => S3Server.Kind != S3ServerKind.Moto,
        _ => true,
    };

    private static async Task AnswerAsync(HttpContext context, int status, string code)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/xml";
        await context.Response.WriteAsync(string.Create(CultureInfo.InvariantCulture, $"<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>{code}</Code><Message>as the test wants it</Message></Error>"));
    }

    private static async Task CopyAsync(Stream from, Stream to, S3Fault? fault, S3FaultKind cut, S3FaultKind? corrupt, CancellationToken stop)
    {
        var isSlow = fault?.Kind == S3FaultKind.Slow;
        var buffer = new byte[isSlow ? 64 * 1024 : 128 * 1024];
        for (long position = 0; await from.ReadAsync(buffer, stop) is var length && length > 0; position += length)
        {
            var at = (fault?.At ?? 0) - position;
            if (fault?.Kind == cut && at < length)
            {
                await to.WriteAsync(buffer.AsMemory(0, (int)at), stop);
                await to.FlushAsync(stop);
                return;
            }

            if (corrupt is not null && fault?.Kind == corrupt && at >= 0 && at < length)
            {
                buffer[at] ^= 0x20;
            }

            await to.WriteAsync(buffer.AsMemory(0, length), stop);
            if (isSlow)
            {
                await to.FlushAsync(stop);
                await Task.Delay(2, stop);
            }
        }
    }

    /// <summary>The client's body on its way to the server.</summary>
    private sealed class PassingContent(HttpContext context, S3Fault? fault) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? transport)
        {
            await CopyAsync(context.Request.Body, stream, fault, S3FaultKind.CutRequest, null, context.RequestAborted);
            if (fault?.Kind == S3FaultKind.CutRequest)
            {
                throw new IOException("cut, as the test wants it");
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = context.Request.ContentLength ?? 0;
            return true;
        }
    }
}
