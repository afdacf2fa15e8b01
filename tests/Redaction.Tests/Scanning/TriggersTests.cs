using System.Text;
using StellaOps.Telemetry.Redaction.Scanning;

namespace StellaOps.Telemetry.Redaction.Tests.Scanning;

public sealed class TriggersTests
{
    private static readonly string[] s_matches =
    [
        "ada@example.com", "a%40example.com", "a%2540example.com", "\"john doe\"@example.com", "10.1.2.3", "255.255.255.255", "2001:db8::1", "::1", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:192.0.2.1",
        "2001:0db8:0000:0000:0008:0800:200c:417a", "4111111111111111", "4111 1111 1111 1111", "4111-1111-1111-1111", "4111%201111%201111%201111", "4111\u00A01111\u00A01111\u00A01111",
        "378282246310005", "3782 822463 10005", "41111111111 11", "4222222222222", "411 111 111 111 11", "078-05-1120", "078 05 1120", "AB123456C", "AB 12 34 56 C", "DE89370400440532013000",
        "GB82 WEST 1234 5698 7654 32", "Bearer abcdef0123456789", "bearer=abcdef0123456789", "BASIC YWRhOmxvdmVsYWNl", "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl", "AKIAIOSFODNN7EXAMPLE",
        "ghp_0123456789abcdefghijABCDEFGHIJ012345", "xoxb-0123456789", "sk_live_0123456789", "SG.0123456789abcdefghijABCDEFGHIJ", "hf_0123456789abcdefghijABCDEFGHIJ", "-----BEGIN RSA PRIVATE KEY-----",
        "AGE-SECRET-KEY-0123456789abcdefghij", "github_pat_0123456789abcdefghijAB", "glpat-0123456789abcdef", "ya29.0123456789abcdefghij", "AIza0123456789abcdefghijABCDEFGHIJ", "hvs.0123456789abcdefghij",
    ];

    private static readonly ValueClass[] s_classes = [ValueClass.Token, ValueClass.Email, ValueClass.Ipv6, ValueClass.Ipv4, ValueClass.Iban, ValueClass.Card, ValueClass.NationalId];

    [Fact]
    public void Place_OfEveryMatch_IsToldWhateverStandsAround()
    {
        string[] pieces = [.. s_matches, "@", ".", ":", "::", "-", " ", "%", "%20", "_", "+", "1", "12", "123", "411", "1111", "A", "AB", "f", "é", "\u00A0", "\0", "[", "\"", "Bea", "eyJ", "com"];
        var random = new Random(20261126);
        var found = 0;
        for (var i = 0; i < 60_000; i++)
        {
            var text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, random.Next(1, 7)).Select(_ => pieces[random.Next(pieces.Length)])));

            // The text among other bytes, at any distance from the window's border.
            var data = new byte[text.Length + 140];
            var at = random.Next(70);
            random.NextBytes(data);
            text.CopyTo(data.AsSpan(at));
            foreach (var valueClass in s_classes)
            {
                var rule = new CompiledValueRule(0, new ValueRule("r", RedactionAction.Mask, valueClass), pattern: null);
                if (rule.TryFind(text, 0, new PatternText(), out _, out _))
                {
                    found++;
                    Assert.True((Triggers.In(text) & rule.Class) != 0, $"{valueClass}: {Encoding.UTF8.GetString(text)}");
                    Assert.True(Places(data, at, text.Length, rule.Class), $"{valueClass} among others: {Encoding.UTF8.GetString(text)}");
                }
            }
        }

        Assert.True(found > 50_000, $"only {found} matches");
    }

    [Theory]
    [InlineData("https://shop.example.com/api/v1/orders/48213?page=7")]
    [InlineData("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36")]
    [InlineData("SELECT o.id, o.total FROM orders o WHERE o.id = $1 AND o.status = 'open'")]
    [InlineData("2026-11-24T01:02:03.456789Z")]
    [InlineData("2026-11-24 01:02:03")]
    [InlineData("checkout-7d9f8b6c5d-x1k2q")]
    [InlineData("databases, status, gitlab.com, basket")]
    public void In_OrdinaryTelemetry_IsNothing(string text) => Assert.Equal(ValueClasses.None, Triggers.In(Encoding.UTF8.GetBytes(text)));

    private static bool Places(byte[] data, int at, int length, ValueClasses valueClass)
    {
        // A window that begins at the text or some bytes before it, as the walk's does.
        for (var start = at - Math.Min(at, 17); start < at + length; start += Triggers.Step)
        {
            var places = Triggers.At(data, start, valueClass);
            for (var i = 0; i < Triggers.Step; i++)
            {
                if ((places >> i & 1) != 0 && start + i >= at && start + i < at + length)
                {
                    return true;
                }
            }
        }

        return false;
    }
}
