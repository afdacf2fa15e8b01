using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace StellaOps.Telemetry.Benchmarks.Peers;

/// <summary>What both peers share: Kestrel with nothing around it, and an end when the standard input ends.</summary>
internal static class Peer
{
    private const string Help =
        """
          Peers sink URL            a null OTLP sink: takes OTLP/gRPC at URL and OTLP/HTTP one port above, counts records, keeps nothing
          Peers floor URL TARGET    a byte-copying HTTP/2 proxy from URL to TARGET; tuned-floor: with larger buffers and windows, and inline scheduling

        A line on the standard input prints what was counted so far as a line of JSON; its end ends the program.
        """;

    public static Task<int> ShowHelpAsync()
    {
        Console.Out.WriteLine(Help);
        return Task.FromResult(2);
    }

    public static async Task<int> RunAsync(RequestDelegate handle, Func<string> report, bool isTuned, params (IPEndPoint EndPoint, HttpProtocols Protocols)[] listeners)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        if (isTuned)
        {
            builder.Services.AddSingleton<IMemoryPoolFactory<byte>, BlockPool>();
            builder.WebHost.UseSockets(s => s.UnsafePreferInlineScheduling = true);
        }

        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            if (isTuned)
            {
                kestrel.Limits.Http2.InitialConnectionWindowSize = 16 << 20;
                kestrel.Limits.Http2.InitialStreamWindowSize = 8 << 20;
            }

            foreach (var (endPoint, protocols) in listeners)
            {
                kestrel.Listen(endPoint, o => o.Protocols = protocols);
            }
        });
        await using var app = builder.Build();
        app.Run(handle);
        await app.StartAsync();
        Console.Out.WriteLine("""{"ready":true}""");
        while (await Console.In.ReadLineAsync() is not null)
        {
            Console.Out.WriteLine(report());
        }

        return 0;
    }

    public static IPEndPoint EndPointOf(Uri url) => new(IPAddress.Parse(url.Host), url.Port);
}
