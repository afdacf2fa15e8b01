using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace StellaOps.Telemetry.Tests.Shared.Redis;

/// <summary>
/// Stands between a client and a server. In the dark nothing comes through and nobody is told: connections stay open, as through a firewall that
/// forgot them. Those that were open when it went dark, or came meanwhile, stay dark for good; new ones work after it is light again.
/// </summary>
public sealed class DarkProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly int _target;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentBag<TcpClient> _clients = [];
    private readonly Task _accepting;
    private volatile Light _light = new();

    /// <param name="connectionString">Of the server: <c>127.0.0.1:6379</c>.</param>
    public DarkProxy(string connectionString)
    {
        _target = int.Parse(connectionString.Split(':')[1], CultureInfo.InvariantCulture);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>What goes into <c>ConnectionStrings__redis</c> instead.</summary>
    public string ConnectionString => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    /// <summary>Nothing comes through any more.</summary>
    public void GoDark() => _light.IsOut = true;

    /// <summary>New connections work again.</summary>
    public void GoLight() => _light = new Light();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var client in _clients)
        {
            client.Dispose();
        }

        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            var client = await _listener.AcceptTcpClientAsync(_stop.Token);
            _clients.Add(client);
            _ = ServeAsync(client, _light);
        }
    }

    private async Task ServeAsync(TcpClient client, Light light)
    {
        try
        {
            using var server = new TcpClient { NoDelay = true };
            client.NoDelay = true;
            await server.ConnectAsync(IPAddress.Loopback, _target, _stop.Token);
            await Task.WhenAny(CopyAsync(client.GetStream(), server.GetStream(), light), CopyAsync(server.GetStream(), client.GetStream(), light));
            if (!light.IsOut)
            {
                client.Close();
            }
        }
        catch (Exception e) when (e is SocketException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            // The server is away, or the test is over.
        }
    }

    private async Task CopyAsync(NetworkStream from, NetworkStream to, Light light)
    {
        var buffer = new byte[16 * 1024];
        while (await from.ReadAsync(buffer, _stop.Token) is var length && length > 0)
        {
            if (light.IsOut)
            {
                await Task.Delay(Timeout.Infinite, _stop.Token);
            }

            await to.WriteAsync(buffer.AsMemory(0, length), _stop.Token);
        }
    }

    private sealed class Light
    {
        public volatile bool IsOut;
    }
}
