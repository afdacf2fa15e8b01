using System.Net;
using System.Net.Sockets;

namespace StellaOps.Telemetry.Egress;

/// <summary>Where connections may go: everywhere, or, sealed, to the machine itself and to what an allowlist names. Immutable.</summary>
public sealed class EgressPolicy
{
    private readonly EgressRule[]? _rules;

    private EgressPolicy(EgressRule[]? rules) => _rules = rules;

    /// <summary>Everywhere.</summary>
    public static EgressPolicy Open { get; } = new(null);

    /// <summary>Whether there is an allowlist.</summary>
    public bool IsSealed => _rules is not null;

    /// <summary>Only to the machine itself and to what the entries name.</summary>
    /// <exception cref="FormatException">An entry cannot be read.</exception>
    public static EgressPolicy Sealed(IEnumerable<string> allowlist)
    {
        ArgumentNullException.ThrowIfNull(allowlist);
        return new EgressPolicy([.. allowlist.Select(e => EgressRule.TryParse(e, out var rule) ? rule : throw new FormatException($"'{e}' is no host, host:port, *.suffix, address or network"))]);
    }

    /// <summary>Whether a connection may be made there. A name is judged as a name, so one that is not listed need not be resolved.</summary>
    public bool Allows(EgressTarget target) => _rules is null || IsThisMachine(target) || Array.Exists(_rules, r => r.Names(target));

    /// <summary>The same of a host as it is spelled; one that cannot be read is nowhere.</summary>
    public bool Allows(string host, int port) => EgressTarget.TryParse(host, port, out var target) && Allows(target);

    /// <summary>
    /// Whether an address that an allowed name was resolved to may be connected to. A name can be pointed anywhere by whoever answers for it;
    /// what no server of a site has for an address (unspecified, multicast, broadcast, link-local as cloud metadata) needs an entry of its own.
    /// </summary>
    public bool AllowsResolved(IPAddress address, int port)
    {
        ArgumentNullException.ThrowIfNull(address);
        var plain = EgressTarget.Plain(address);
        return _rules is null || !IsNoServer(plain) || (EgressTarget.TryParse(plain.ToString(), port, out var target) && Array.Exists(_rules, r => r.Names(target)));
    }

    /// <summary>Loopback, and the name that means it by RFC 6761 (6.3).</summary>
    internal static bool IsThisMachine(EgressTarget target) => target.Address is { } address ? IPAddress.IsLoopback(address) : target.Name == "localhost";

    private static bool IsNoServer(IPAddress address) => address.AddressFamily == AddressFamily.InterNetwork
        ? address.GetAddressBytes() is [0 or >= 224, ..] or [169, 254, ..]
        : address.Equals(IPAddress.IPv6Any) || address.IsIPv6Multicast || address.IsIPv6LinkLocal;
}
