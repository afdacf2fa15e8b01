using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace StellaOps.Telemetry.Egress;

/// <summary>
/// One entry of an allowlist: <c>tempo.internal</c>, <c>tempo.internal:4317</c>, <c>*.corp.example</c> (what is below it, not itself),
/// <c>10.1.2.3</c>, <c>10.1.0.0/16:4317</c>, <c>[2001:db8::1]:4317</c>, <c>2001:db8::/32</c>. Without a port it means every port.
/// </summary>
public sealed class EgressRule
{
    private readonly string? _name;
    private readonly bool _isSuffix;
    private readonly IPNetwork? _network;
    private readonly int? _port;

    private EgressRule(string? name, bool isSuffix, IPNetwork? network, int? port) => (_name, _isSuffix, _network, _port) = (name, isSuffix, network, port);

    /// <summary>Reads an entry.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out EgressRule? rule)
    {
        ArgumentNullException.ThrowIfNull(text);
        rule = null;
        if (!TrySplit(text, out var host, out var port))
        {
            return false;
        }

        var slash = host.IndexOf('/', StringComparison.Ordinal);
        if (slash >= 0)
        {
            rule = TryNetwork(host[..slash], host[(slash + 1)..], out var network) ? new EgressRule(null, false, network, port) : null;
            return rule is not null;
        }

        var isSuffix = host.StartsWith("*.", StringComparison.Ordinal);
        if (!EgressTarget.TryParse(isSuffix ? host[2..] : host, port ?? 1, out var target) || (isSuffix && target.Name is null))
        {
            return false;
        }

        rule = target.Address is { } address
            ? new EgressRule(null, false, new IPNetwork(address, address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128), port)
            : new EgressRule(target.Name, isSuffix, null, port);
        return true;
    }

    /// <summary>Whether the entry names the target: a name by name, an address by address.</summary>
    public bool Names(EgressTarget target)
    {
        if (_port is { } port && port != target.Port)
        {
            return false;
        }

        if (target.Address is { } address)
        {
            return _network is { } network && network.Contains(address);
        }

        return _name is not null && target.Name is { } name
            && (_isSuffix ? name.Length > _name.Length + 1 && name.EndsWith(_name, StringComparison.Ordinal) && name[^(_name.Length + 1)] == '.' : name == _name);
    }

    /// <summary>Takes the port off, if there is one; an IPv6 address has one only behind brackets or a prefix length.</summary>
    private static bool TrySplit(string text, out string host, out int? port)
    {
        (host, port) = (text, null);
        var colon = text.LastIndexOf(':');
        if (colon < 0)
        {
            return true;
        }

        // "2001:db8::1" has no port, "[2001:db8::1]:4317" and "2001:db8::/32:4317" have one.
        var isSecond = text.IndexOf(':', StringComparison.Ordinal) != colon;
        if (isSecond && text[colon - 1] != ']' && !text.AsSpan(0, colon).Contains('/'))
        {
            return true;
        }

        if (text.EndsWith(']'))
        {
            return true;
        }

        host = text[..colon];
        var isPort = int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= IPEndPoint.MaxPort;
        port = number;
        return isPort;
    }

    private static bool TryNetwork(string host, string length, out IPNetwork network)
    {
        network = default;
        if (!EgressTarget.TryParse(host, 1, out var target) || target.Address is not { } address
            || !int.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out var bits)
            || bits > (address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128))
        {
            return false;
        }

        // Bits set behind the prefix are cut off, as everywhere.
        var bytes = address.GetAddressBytes();
        for (var i = 0; i < bytes.Length; i++)
        {
            var kept = Math.Clamp(bits - (i * 8), 0, 8);
            bytes[i] &= (byte)(0xFF << (8 - kept));
        }

        network = new IPNetwork(new IPAddress(bytes), bits);
        return true;
    }
}
