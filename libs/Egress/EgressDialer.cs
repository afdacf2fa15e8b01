using System.Net;
using System.Net.Sockets;

namespace StellaOps.Telemetry.Egress;

/// <summary>
/// Makes every connection that leaves. 1. The host is judged as it is spelled; one that is not allowed is not resolved. 2. A name is resolved
/// once. 3. The addresses that came are judged. 4. They, and nothing that would be resolved again, are connected to.
/// </summary>
public sealed class EgressDialer
{
    /// <summary>What one of several addresses gets before the next is tried.</summary>
    private static readonly TimeSpan s_perAddress = TimeSpan.FromSeconds(5);

    private readonly IHostResolver _resolver;
    private readonly EgressInstruments? _instruments;
    private EgressPolicy _policy;

    /// <param name="instruments">Null: denials are not counted.</param>
    public EgressDialer(EgressPolicy policy, IHostResolver resolver, EgressInstruments? instruments)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(resolver);
        (_policy, _resolver, _instruments) = (policy, resolver, instruments);
    }

    /// <summary>In force for the next connection. Whoever keeps connections ends those that were made under another.</summary>
    public EgressPolicy Policy
    {
        get => Volatile.Read(ref _policy);
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            Volatile.Write(ref _policy, value);
        }
    }

    /// <summary>Connects.</summary>
    /// <exception cref="EgressDeniedException">It is not allowed.</exception>
    /// <exception cref="SocketException">It is not there.</exception>
    public async Task<Socket> ConnectAsync(string host, int port, CancellationToken cancellationToken)
    {
        var policy = Policy;
        if (!EgressTarget.TryParse(host, port, out var target))
        {
            throw policy.IsSealed ? Denied("a host that cannot be read", "unreadable") : new SocketException((int)SocketError.HostNotFound);
        }

        if (!policy.Allows(target))
        {
            throw Denied(target.ToString(), target.Host);
        }

        var addresses = target.Address is { } address ? [address] : await ResolveAsync(target.Name!, policy, cancellationToken).ConfigureAwait(false);
        var allowed = Array.FindAll(addresses, a => policy.AllowsResolved(a, port));
        if (allowed.Length == 0)
        {
            throw addresses.Length == 0 ? new SocketException((int)SocketError.HostNotFound) : Denied($"{target}, which is {addresses[0]}", target.Host);
        }

        return await ConnectAsync(allowed, port, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>For <see cref="SocketsHttpHandler.ConnectCallback"/>; with proxies and redirects off, it sees every connection of the client.</summary>
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        var socket = await ConnectAsync(context.DnsEndPoint.Host, context.DnsEndPoint.Port, cancellationToken).ConfigureAwait(false);
        return new NetworkStream(socket, ownsSocket: true);
    }

    /// <summary>A handler whose every connection is made here; it follows no redirect and asks no proxy.</summary>
    public SocketsHttpHandler CreateHandler() => new()
    {
        ConnectCallback = ConnectAsync,
        UseProxy = false,
        AllowAutoRedirect = false,
        UseCookies = false,
    };

    private async Task<IPAddress[]> ResolveAsync(string name, EgressPolicy policy, CancellationToken cancellationToken) =>
        // What means this machine is not asked of anybody who could say otherwise.
        policy.IsSealed && name == "localhost"
            ? [IPAddress.Loopback, IPAddress.IPv6Loopback]
            : await _resolver.ResolveAsync(name, cancellationToken).ConfigureAwait(false);

    private static async Task<Socket> ConnectAsync(IPAddress[] addresses, int port, CancellationToken cancellationToken)
    {
        for (var i = 0; ; i++)
        {
            var plain = EgressTarget.Plain(addresses[i]);
            var socket = new Socket(plain.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            try
            {
                if (i < addresses.Length - 1)
                {
                    timeout.CancelAfter(s_perAddress);
                }

                await socket.ConnectAsync(new IPEndPoint(plain, port), timeout.Token).ConfigureAwait(false);
                return socket;
            }
            catch (Exception e) when (i < addresses.Length - 1 && !cancellationToken.IsCancellationRequested && e is SocketException or OperationCanceledException)
            {
                // The next address may be reachable; the last one's failure is the caller's.
                socket.Dispose();
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }
    }

    private EgressDeniedException Denied(string what, string host)
    {
        _instruments?.OnDenied(host);
        return new EgressDeniedException(what);
    }
}
