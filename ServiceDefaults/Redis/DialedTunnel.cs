using System.Net;
using System.Net.Sockets;
using StackExchange.Redis;
using StackExchange.Redis.Configuration;
using StellaOps.Telemetry.Egress;

namespace StellaOps.Telemetry.ServiceDefaults.Redis;

/// <summary>Has the multiplexer use connections that the one dialer made, and make none of its own.</summary>
internal sealed class DialedTunnel(EgressDialer dialer) : Tunnel
{
    private volatile EgressDeniedException? _denied;

    /// <summary>Why the last connection was not made; null when it was, or failed otherwise. The library keeps that to itself.</summary>
    public EgressDeniedException? Denied => _denied;

    /// <summary>Null: the library opens no socket.</summary>
    public override ValueTask<EndPoint?> GetSocketConnectEndpointAsync(EndPoint endpoint, CancellationToken cancellationToken) => ValueTask.FromResult<EndPoint?>(null);

    public override async ValueTask<Stream?> BeforeAuthenticateAsync(EndPoint endpoint, ConnectionType connectionType, Socket? socket, CancellationToken cancellationToken)
    {
        var (host, port) = endpoint switch
        {
            DnsEndPoint dns => (dns.Host, dns.Port),
            IPEndPoint ip => (ip.Address.ToString(), ip.Port),
            _ => throw new NotSupportedException($"Redis at {endpoint}: give host:port"),
        };
        try
        {
            var made = await dialer.ConnectAsync(host, port, cancellationToken);
            _denied = null;
            return new NetworkStream(made, ownsSocket: true);
        }
        catch (Exception e)
        {
            _denied = e as EgressDeniedException;
            throw;
        }
    }
}
