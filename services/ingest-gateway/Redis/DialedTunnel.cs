using System.Net;
using StackExchange.Redis;
using StackExchange.Redis.Configuration;
using StellaOps.Telemetry.Egress;

namespace StellaOps.Telemetry.IngestGateway.Redis;

/// <summary>Has the multiplexer use connections that the one dialer made, and make none of its own.</summary>
internal sealed class DialedTunnel(EgressDialer dialer) : Tunnel
{
    /// <summary>Null: the library opens no socket.</summary>
    public override ValueTask<EndPoint?> GetSocketConnectEndpointAsync(EndPoint endpoint, CancellationToken cancellationToken) => ValueTask.FromResult<EndPoint?>(null);

    public override async ValueTask<Stream?> BeforeAuthenticateAsync(EndPoint endpoint, ConnectionType connectionType, System.Net.Sockets.Socket? socket, CancellationToken cancellationToken)
    {
        var (host, port) = endpoint switch
        {
            DnsEndPoint dns => (dns.Host, dns.Port),
            IPEndPoint ip => (ip.Address.ToString(), ip.Port),
            _ => throw new NotSupportedException($"Redis at {endpoint}: give host:port"),
        };
        return new System.Net.Sockets.NetworkStream(await dialer.ConnectAsync(host, port, cancellationToken), ownsSocket: true);
    }
}
