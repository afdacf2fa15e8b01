using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using StellaOps.Telemetry.OpAmp;
using StellaOps.Telemetry.OpAmp.Server;

namespace StellaOps.Telemetry.Tests.Shared.OpAmp;

/// <summary>Kestrel with an OpAMP endpoint: in memory, or on a loopback port for clients that are programs of their own.</summary>
public sealed class OpAmpHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly MemoryTransport _transport;

    private OpAmpHost(WebApplication app, MemoryTransport transport)
    {
        (_app, _transport) = (app, transport);
        Http = new HttpMessageInvoker(new SocketsHttpHandler { ConnectCallback = async (_, token) => await ConnectAsync(token), UseProxy = false });
    }

    public TrackingServer Server => _app.Services.GetRequiredService<TrackingServer>();

    public IServiceProvider Services => _app.Services;

    /// <summary>Makes connections in memory, whatever the address says.</summary>
    public HttpMessageInvoker Http { get; }

    /// <summary>Where it listens on loopback.</summary>
    public Uri Loopback => new(new Uri(_app.Urls.Single()), KnownOpAmp.Path);

    public static async Task<OpAmpHost> StartAsync(
        Action<OpAmpServerOptions>? configure = null, Action<WebApplicationBuilder>? build = null, Action<IEndpointConventionBuilder>? map = null, bool onLoopback = false)
    {
        var transport = new MemoryTransport();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<IConnectionListenerFactory>(transport);
        builder.Services.AddOpAmpServer<TrackingServer>("Test__OpAmp", configure);
        builder.WebHost.ConfigureKestrel(k =>
        {
            if (onLoopback)
            {
                k.Listen(IPAddress.Loopback, 0);
            }
            else
            {
                k.Listen(transport.EndPoint);
            }
        });
        build?.Invoke(builder);
        var app = builder.Build();
        var endpoint = app.MapOpAmp();
        map?.Invoke(endpoint);
        await app.StartAsync();
        return new OpAmpHost(app, transport);
    }

    /// <summary>A connection on which nothing has been said yet.</summary>
    public Task<Stream> ConnectAsync(CancellationToken cancellationToken) => _transport.ConnectAsync(cancellationToken);

    /// <summary>A WebSocket by hand.</summary>
    public async Task<WireClient> OpenAsync(CancellationToken cancellationToken) => await WireClient.OpenAsync(await ConnectAsync(cancellationToken), cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => _app.StopAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        await _app.StopAsync(patience.Token);
        await _app.DisposeAsync();
    }
}
