using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace StellaOps.Telemetry.Egress;

/// <summary>
/// Where a connection is to go, in the one form in which it is judged: an address, or a name in lower case, in ASCII and without its trailing
/// dot. Every notation that the system would take for an address is one here as well: <c>127.1</c>, <c>0x7f.1</c>, <c>2130706433</c>,
/// <c>017700000001</c>, <c>::ffff:127.0.0.1</c>, full-width digits.
/// </summary>
public readonly record struct EgressTarget
{
    private const int MaxNameLength = 253;
    private const int MaxLabelLength = 63;

    private EgressTarget(string? name, IPAddress? address, int port) => (Name, Address, Port) = (name, address, port);

    /// <summary>The name; null when it is an address.</summary>
    public string? Name { get; }

    /// <summary>The address, never an IPv4 one mapped into IPv6; null when it is a name.</summary>
    public IPAddress? Address { get; }

    /// <summary>The port.</summary>
    public int Port { get; }

    /// <summary>How the host is shown.</summary>
    public string Host => Name ?? Address?.ToString() ?? "";

    /// <summary>Reads a host as a caller spells it; false when no name or address is spelled so.</summary>
    public static bool TryParse(string? host, int port, out EgressTarget target)
    {
        target = default;
        if (string.IsNullOrEmpty(host) || host.Length > 1024 || port is < 1 or > IPEndPoint.MaxPort || !TryAscii(host, out var ascii))
        {
            return false;
        }

        if (ascii is ['[', .., ']'])
        {
            ascii = ascii[1..^1];
            if (!ascii.Contains(':', StringComparison.Ordinal))
            {
                return false;
            }
        }

        if (IPAddress.TryParse(ascii, out var address))
        {
            target = new EgressTarget(null, Plain(address), port);
            return true;
        }

        var name = ascii.EndsWith('.') ? ascii[..^1] : ascii;
        if (IPAddress.TryParse(name, out address))
        {
            target = new EgressTarget(null, Plain(address), port);
            return true;
        }

        if (!IsName(name))
        {
            return false;
        }

        target = new EgressTarget(name, null, port);
        return true;
    }

    /// <summary>An IPv4 address mapped into IPv6 is that IPv4 address.</summary>
    internal static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    /// <inheritdoc/>
    public override string ToString() =>
        Address is { AddressFamily: AddressFamily.InterNetworkV6 } ? string.Create(CultureInfo.InvariantCulture, $"[{Host}]:{Port}") : string.Create(CultureInfo.InvariantCulture, $"{Host}:{Port}");

    /// <summary>Letters, digits, <c>-</c> and <c>_</c> in labels; the last one is no number, or it would be a misspelt address.</summary>
    internal static bool IsName(string name)
    {
        if (name.Length is 0 or > MaxNameLength)
        {
            return false;
        }

        var last = "";
        foreach (var label in name.Split('.'))
        {
            if (label.Length is 0 or > MaxLabelLength || label.AsSpan().ContainsAnyExcept(s_nameCharacters))
            {
                return false;
            }

            last = label;
        }

        return !last.All(char.IsAsciiDigit) && !(last.StartsWith("0x", StringComparison.Ordinal) && last.AsSpan(2).IndexOfAnyExcept(s_hexDigits) < 0);
    }

    private static readonly System.Buffers.SearchValues<char> s_nameCharacters = System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-_");
    private static readonly System.Buffers.SearchValues<char> s_hexDigits = System.Buffers.SearchValues.Create("0123456789abcdef");

    private static bool TryAscii(string host, out string ascii)
    {
        ascii = "";
        if (!System.Text.Ascii.IsValid(host))
        {
            // Full-width forms and the other dots of RFC 3490 (3.1) by hand: without ICU the system's mapping leaves them as they are.
            host = string.Create(host.Length, host, static (to, from) =>
            {
                for (var i = 0; i < to.Length; i++)
                {
                    to[i] = from[i] switch
                    {
                        >= '\uFF01' and <= '\uFF5E' and var wide => (char)(wide - '\uFF01' + '!'),
                        '\u3002' or '\uFF61' => '.',
                        var other => other,
                    };
                }
            });
            try
            {
                host = System.Text.Ascii.IsValid(host) ? host : new IdnMapping().GetAscii(host);
            }
            catch (ArgumentException)
            {
                return false;
            }
        }

        ascii = host.ToLowerInvariant();
        return System.Text.Ascii.IsValid(ascii);
    }
}
