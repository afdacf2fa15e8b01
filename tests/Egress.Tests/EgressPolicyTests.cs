namespace StellaOps.Telemetry.Egress.Tests;

public sealed class EgressPolicyTests
{
    [Theory]
    [InlineData("tempo.internal", "tempo.internal", 1, true)]
    [InlineData("tempo.internal", "TEMPO.internal.", 1, true)]
    [InlineData("Tempo.Internal.", "tempo.internal", 1, true)]
    [InlineData("tempo.internal:4317", "tempo.internal", 4317, true)]
    [InlineData("tempo.internal:4317", "tempo.internal", 4318, false)]
    [InlineData("tempo.internal", "eviltempo.internal", 1, false)]
    [InlineData("tempo.internal", "tempo.internal.evil.example", 1, false)]
    [InlineData("tempo.internal", "a.tempo.internal", 1, false)]
    [InlineData("*.corp.example", "a.corp.example", 1, true)]
    [InlineData("*.corp.example", "a.b.corp.example", 1, true)]
    [InlineData("*.corp.example", "corp.example", 1, false)]
    [InlineData("*.corp.example", "evilcorp.example", 1, false)]
    [InlineData("*.corp.example:443", "a.corp.example", 80, false)]
    [InlineData("10.1.2.3", "10.1.2.3", 1, true)]
    [InlineData("10.1.2.3", "0xa.66051", 1, true)]
    [InlineData("10.1.2.3", "::ffff:10.1.2.3", 1, true)]
    [InlineData("10.1.2.3", "10.1.2.4", 1, false)]
    [InlineData("10.1.0.0/16:4317", "10.1.255.1", 4317, true)]
    [InlineData("10.1.0.0/16:4317", "10.1.255.1", 80, false)]
    [InlineData("10.1.9.9/16", "10.1.0.1", 1, true)]
    [InlineData("10.1.0.0/16", "10.2.0.1", 1, false)]
    [InlineData("10.1.0.0/16", "tempo.internal", 1, false)]
    [InlineData("[2001:db8::1]:4317", "2001:db8::1", 4317, true)]
    [InlineData("[2001:db8::1]:4317", "2001:db8::1", 4318, false)]
    [InlineData("2001:db8::/32", "[2001:db8:ffff::1]", 1, true)]
    [InlineData("2001:db8::/32:443", "2001:db8::9", 443, true)]
    [InlineData("2001:db8::/32:443", "2001:db8::9", 80, false)]
    [InlineData("2001:db8::1", "2001:db8::1", 9, true)]
    [InlineData("bücher.example", "XN--BCHER-KVA.example", 1, true)]
    [InlineData("0.0.0.0/0", "192.0.2.1", 1, true)]
    [InlineData("0.0.0.0/0", "2001:db8::1", 1, false)]
    public void Allows_OneEntry_NamesJustThat(string entry, string host, int port, bool allowed)
    {
        Assert.True(EgressTarget.TryParse(host, port, out var target));
        Assert.Equal(allowed, EgressPolicy.Sealed([entry]).Allows(target));
        Assert.False(EgressPolicy.Sealed([]).Allows(target));
        Assert.True(EgressPolicy.Open.Allows(target));
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.9.9.9")]
    [InlineData("::1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("localhost")]
    public void Allows_ThisMachine_WithoutAnEntry(string host)
    {
        Assert.True(EgressTarget.TryParse(host, 4317, out var target));
        Assert.True(EgressPolicy.Sealed([]).Allows(target));
    }

    [Theory]
    [InlineData("")]
    [InlineData("*")]
    [InlineData("*.")]
    [InlineData("*.10.1.2.3")]
    [InlineData("te*po.internal")]
    [InlineData("tempo.internal:")]
    [InlineData("tempo.internal:0")]
    [InlineData("tempo.internal:65536")]
    [InlineData("tempo.internal:+80")]
    [InlineData("http://tempo.internal")]
    [InlineData("tempo.internal/24")]
    [InlineData("10.1.0.0/33")]
    [InlineData("2001:db8::/129")]
    [InlineData("10.1.0.0/-1")]
    [InlineData("a..b")]
    public void Sealed_EntryThatCannotBeRead_IsAnError(string entry) => Assert.Throws<FormatException>(() => EgressPolicy.Sealed([entry]));
}
