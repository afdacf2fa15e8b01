using System.IO.Compression;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace StellaOps.Telemetry.Crash;

/// <summary>The OTLP store, in this process, and its moods.</summary>
internal sealed class Target : IAsyncDisposable
{
    private const int InvalidArgument = 3;
    private const int Unavailable = 14;

    private readonly WebApplication _app;
    private readonly Account _account;
    private readonly Random _random;
    private int _mood;

    private Target(WebApplication app, Account account, int seed) => (_app, _account, _random) = (app, account, new Random(seed));

    public Uri Url => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    public Mood Mood
    {
        get => (Mood)Volatile.Read(ref _mood);
        set => Volatile.Write(ref _mood, (int)value);
    }

    public static async Task<Target> StartAsync(Account account, int seed)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(o =>
        {
            o.Limits.MaxRequestBodySize = null;
            o.Listen(IPAddress.Loopback, 0, l => l.Protocols = HttpProtocols.Http2);
        });
        var target = new Target(builder.Build(), account, seed);
        target._app.Run(target.AnswerAsync);
        await target._app.StartAsync();
        return target;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        var mood = Mood;
        if (mood == Mood.Down)
        {
            context.Abort();
            return;
        }

        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        context.Response.ContentType = "application/grpc";
        if (mood == Mood.Busy)
        {
            Refuse(context, Unavailable, "busy");
            return;
        }

        if (mood == Mood.Picky && Chance() < 0.2)
        {
            Refuse(context, InvalidArgument, "too old");
            return;
        }

        Take(body);
        if (mood == Mood.Forgetful)
        {
            // Taken, and the answer never comes: it will be sent again.
            context.Abort();
            return;
        }

        await context.Response.Body.WriteAsync(new byte[5]);
        context.Response.AppendTrailer("grpc-status", "0");
    }

    private void Take(MemoryStream body)
    {
        var message = body.GetBuffer().AsSpan(0, (int)body.Length);
        if (message[0] == 0)
        {
            _account.Seen(message[5..], Fate.Arrived);
            return;
        }

        using var plain = new MemoryStream();
        using var gzip = new GZipStream(new MemoryStream(message[5..].ToArray()), CompressionMode.Decompress);
        gzip.CopyTo(plain);
        _account.Seen(plain.GetBuffer().AsSpan(0, (int)plain.Length), Fate.Arrived);
    }

    private static void Refuse(HttpContext context, int status, string message)
    {
        context.Response.Headers["grpc-status"] = status.ToString(System.Globalization.CultureInfo.InvariantCulture);
        context.Response.Headers["grpc-message"] = message;
    }

    private double Chance()
    {
        lock (_random)
        {
            return _random.NextDouble();
        }
    }
}

/// <summary>How the store behaves.</summary>
internal enum Mood
{
    Up,
    Down,
    Busy,
    Forgetful,
    Picky,
}
