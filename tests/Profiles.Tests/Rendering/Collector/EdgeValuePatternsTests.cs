using System.Text.RegularExpressions;
using StellaOps.Telemetry.Profiles.Rendering.Collector;
using StellaOps.Telemetry.Profiles.Tests.TestServices;
using StellaOps.Telemetry.Redaction;

namespace StellaOps.Telemetry.Profiles.Tests.Rendering.Collector;

public sealed class EdgeValuePatternsTests
{
    [Theory]
    [InlineData(ValueClass.Token, "Authorization: Bearer abc123def456ghi7")]
    [InlineData(ValueClass.Token, "basic dXNlcjpwYXNz")]
    [InlineData(ValueClass.Token, "bearer%20abcdefghijklmnop")]
    [InlineData(ValueClass.Token, "BEARER mF_9.B5f-4.1JqM")]
    [InlineData(ValueClass.Token, "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl")]
    [InlineData(ValueClass.Token, "key AKIAIOSFODNN7EXAMPLE.")]
    [InlineData(ValueClass.Token, "xoxb-123456789012")]
    [InlineData(ValueClass.Token, "stik_abcdefghijkl")]
    [InlineData(ValueClass.Token, "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEE\n-----END EC PRIVATE KEY-----")]
    [InlineData(ValueClass.Email, "mail ada@example.com now")]
    [InlineData(ValueClass.Email, "ada%40example.com")]
    [InlineData(ValueClass.Email, "ünal@bücher.example")]
    [InlineData(ValueClass.Ipv6, "from 2001:db8:0:0:0:0:0:1")]
    [InlineData(ValueClass.Ipv6, "fe80::1%eth0")]
    [InlineData(ValueClass.Ipv6, "[::1]:4317")]
    [InlineData(ValueClass.Ipv4, "10.1.2.3:80")]
    [InlineData(ValueClass.Iban, "DE89 3704 0044 0532 0130 00")]
    [InlineData(ValueClass.Iban, "GB82WEST12345698765432")]
    [InlineData(ValueClass.Card, "4111 1111 1111 1111")]
    [InlineData(ValueClass.Card, "378282246310005")]
    [InlineData(ValueClass.Card, "4222222222222")]
    [InlineData(ValueClass.NationalId, "078-05-1120")]
    [InlineData(ValueClass.NationalId, "AB 12 34 56 C")]
    public void Of_Class_FindsWhatTheGatewayFinds(ValueClass value, string text)
    {
        Assert.True(GatewayRedaction.Finds(Rule(value), text), text);
        Assert.True(Finds(value, text), text);
    }

    [Theory]
    [InlineData(ValueClass.Token, "bearer of bad news")]
    [InlineData(ValueClass.Token, "Basic Authentication failed")]
    [InlineData(ValueClass.Token, "ghp_short")]
    [InlineData(ValueClass.Email, "lodash@4.17.21")]
    [InlineData(ValueClass.Email, "@scope/name")]
    [InlineData(ValueClass.Ipv6, "12:30:59")]
    [InlineData(ValueClass.Ipv6, "std::vector")]
    [InlineData(ValueClass.Ipv6, "00:1a:2b:3c:4d:5e")]
    [InlineData(ValueClass.Ipv4, "256.1.1.1")]
    [InlineData(ValueClass.Ipv4, "1.2.3")]
    [InlineData(ValueClass.Iban, "6f1ed002-ab5d-4a5e-9d2e-0123456789ab")]
    [InlineData(ValueClass.Card, "1764172800000000000")]
    [InlineData(ValueClass.Card, "4bf92f3577b34da6a3ce929d0e0e4736")]
    [InlineData(ValueClass.NationalId, "2026-11-26")]
    public void Of_Class_LeavesWhatIsNone(ValueClass value, string text)
    {
        Assert.False(GatewayRedaction.Finds(Rule(value), text), text);
        Assert.False(Finds(value, text), text);
    }

    [Fact]
    public void Of_EveryClass_HasExpressionsOfRe2() => Assert.All(
        Enum.GetValues<ValueClass>().Where(c => c != ValueClass.Pattern),
        c =>
        {
            var patterns = EdgeValuePatterns.Of(Rule(c));
            Assert.NotEmpty(patterns);
            Assert.All(patterns, p => Assert.True(Re2.Accepts(p), p));
        });

    [Fact]
    public void Of_Pattern_IsTakenOnlyWhenItIsOneOfRe2()
    {
        Assert.Equal([@"\bX-\d+\b"], EdgeValuePatterns.Of(Rule(ValueClass.Pattern, @"\bX-\d+\b")));
        Assert.Empty(EdgeValuePatterns.Of(Rule(ValueClass.Pattern, @"[a-z-[aeiou]]+")));
    }

    private static ValueRule Rule(ValueClass value, string? pattern = null) => new("r", RedactionAction.Mask, value, pattern);

    private static bool Finds(ValueClass value, string text) =>
        EdgeValuePatterns.Of(Rule(value)).Any(p => new Regex(p, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking).IsMatch(text));
}
