using System.Globalization;
using System.Net;

namespace StellaOps.Telemetry.Egress.Tests;

public sealed class EgressTargetTests
{
    [Theory]
    [InlineData("Tempo.Internal", "tempo.internal")]
    [InlineData("tempo.internal.", "tempo.internal")]
    [InlineData("LOCALHOST", "localhost")]
    [InlineData("bücher.example", "xn--bcher-kva.example")]
    [InlineData("ｔｅｍｐｏ．internal", "tempo.internal")]
    [InlineData("tempo。internal", "tempo.internal")]
    [InlineData("my_service", "my_service")]
    [InlineData("0x7f.example", "0x7f.example")]
    public void TryParse_Name_IsBroughtToOneForm(string host, string expected)
    {
        Assert.True(EgressTarget.TryParse(host, 80, out var target));
        Assert.Equal((expected, null, 80), (target.Name, target.Address, target.Port));
    }

    [Theory]
    [InlineData("127.1", "127.0.0.1")]
    [InlineData("0x7f.1", "127.0.0.1")]
    [InlineData("2130706433", "127.0.0.1")]
    [InlineData("017700000001", "127.0.0.1")]
    [InlineData("0", "0.0.0.0")]
    [InlineData("127.0.0.1.", "127.0.0.1")]
    [InlineData("１２７.０.０.１", "127.0.0.1")]
    [InlineData("::ffff:127.0.0.1", "127.0.0.1")]
    [InlineData("[::FFFF:7F00:1]", "127.0.0.1")]
    [InlineData("[::1]", "::1")]
    [InlineData("0:0:0:0:0:0:0:1", "::1")]
    public void TryParse_AddressInAnyNotation_IsThatAddress(string host, string expected)
    {
        Assert.True(EgressTarget.TryParse(host, 80, out var target));
        Assert.Null(target.Name);
        Assert.Equal(IPAddress.Parse(expected), target.Address);
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    [InlineData(".")]
    [InlineData("a..b")]
    [InlineData("a.internal..")]
    [InlineData(".internal")]
    [InlineData("a b")]
    [InlineData("a/b")]
    [InlineData("a@b")]
    [InlineData("a:80")]
    [InlineData("a\0.internal")]
    [InlineData("[tempo]")]
    [InlineData("[::1")]
    [InlineData("256.256.256.256")]
    [InlineData("1.2.3.4.5")]
    [InlineData("tempo.0x1f")]
    [InlineData("tempo.123")]
    [InlineData("a\u200D.internal%00")]
    public void TryParse_NeitherNameNorAddress_IsRefused(string? host) => Assert.False(EgressTarget.TryParse(host, 80, out _));

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(65536)]
    public void TryParse_PortOutOfRange_IsRefused(int port) => Assert.False(EgressTarget.TryParse("tempo.internal", port, out _));

    [Fact]
    public void TryParse_RandomAddressInRandomNotation_IsThatAddress()
    {
        var random = new Random(20260307);
        for (var i = 0; i < 20_000; i++)
        {
            var number = (uint)random.NextInt64(1L << 32);
            var notation = Notation(random, number);
            Assert.True(EgressTarget.TryParse(notation, 80, out var target), notation);
            Assert.True(target.Address is { } address && address.Equals(Address(number)), $"{notation} is {target}, not {Address(number)}");
        }
    }

    internal static IPAddress Address(uint number) => new([(byte)(number >> 24), (byte)(number >> 16), (byte)(number >> 8), (byte)number]);

    /// <summary>An IPv4 address as inet_aton and friends read it: one to four parts, each decimal, octal or hexadecimal; or mapped into IPv6.</summary>
    internal static string Notation(Random random, uint number)
    {
        var address = Address(number);
        if (random.Next(6) == 0)
        {
            var mapped = random.Next(2) == 0 ? $"::ffff:{address}" : string.Create(CultureInfo.InvariantCulture, $"::FFFF:{number >> 16:x}:{number & 0xFFFF:X}");
            return random.Next(2) == 0 ? mapped : $"[{mapped}]";
        }

        var parts = new List<uint>();
        var last = random.Next(4);
        for (var i = 0; i < last; i++)
        {
            parts.Add((number >> (24 - (8 * i))) & 0xFF);
        }

        parts.Add(last == 0 ? number : number & ((1u << (32 - (8 * last))) - 1));
        var text = string.Join('.', parts.Select(p => random.Next(3) switch
        {
            0 => "0x" + p.ToString(random.Next(2) == 0 ? "x" : "X", CultureInfo.InvariantCulture),
            1 => "0" + Convert.ToString(p, 8),
            _ => p.ToString(CultureInfo.InvariantCulture),
        }));
        text = random.Next(4) == 0 ? new string([.. text.Select(c => c is >= '0' and <= '9' or 'x' ? (char)(c - '!' + '！') : c)]) : text;
        return random.Next(4) == 0 ? text + "." : text;
    }
}
