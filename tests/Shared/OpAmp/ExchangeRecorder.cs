using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace StellaOps.Telemetry.Tests.Shared.OpAmp;

/// <summary>Stands between a client and a server, passes on what each says, and keeps it in the order in which it came.</summary>
public sealed class ExchangeRecorder : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<ExchangeUnit> _units = new();
    private readonly Uri _server;
    private readonly Task _accepting;

    public ExchangeRecorder(Uri server)
    {
        _server = server;
        _listener.Start();
        _accepting = AcceptAsync(_stop.Token);
    }

    /// <summary>Where clients connect in the server's place.</summary>
    public Uri Endpoint => new UriBuilder(_server) { Port = ((IPEndPoint)_listener.LocalEndpoint).Port }.Uri;

    public IReadOnlyCollection<ExchangeUnit> Units => _units;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task AcceptAsync(CancellationToken cancellationToken)
    {
        List<Task> connections = [];
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(cancellationToken);
                connections.Add(PassAsync(client, connections.Count + 1, cancellationToken));
            }
        }
        finally
        {
            await Task.WhenAll(connections).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task PassAsync(TcpClient client, int connection, CancellationToken cancellationToken)
    {
        using var server = new TcpClient { NoDelay = true };
        using (client)
        {
            client.NoDelay = true;
            await server.ConnectAsync(_server.Host, _server.Port, cancellationToken);
            var fromClient = new ExchangeReader(client.GetStream(), connection, isFromClient: true);
            var fromServer = new ExchangeReader(server.GetStream(), connection, isFromClient: false);

            // HTTP is one after the other; a WebSocket is both at once.
            while (!fromServer.IsWebSocket)
            {
                if (!await PassAsync(fromClient, server, cancellationToken) || !await PassAsync(fromServer, client, cancellationToken))
                {
                    return;
                }
            }

            fromClient.IsWebSocket = true;
            await Task.WhenAll(PassAllAsync(fromClient, server, cancellationToken), PassAllAsync(fromServer, client, cancellationToken));
        }
    }

    private async Task PassAllAsync(ExchangeReader from, TcpClient to, CancellationToken cancellationToken)
    {
        while (await PassAsync(from, to, cancellationToken))
        {
        }
    }

    private async Task<bool> PassAsync(ExchangeReader from, TcpClient to, CancellationToken cancellationToken)
    {
        if (await from.NextAsync(cancellationToken) is not { } unit)
        {
            to.Client.Shutdown(SocketShutdown.Send);
            return false;
        }

        _units.Enqueue(unit);
        await to.GetStream().WriteAsync(unit.Bytes, cancellationToken);
        return true;
    }
}
