using System.Diagnostics;
using StellaOps.Telemetry.Redaction.Tests.TestServices;

namespace StellaOps.Telemetry.Redaction.Tests.Scanning;

public sealed class ScannerTests
{
    [Theory]
    [InlineData("ada@example.com", "[email]")]
    [InlineData("mail to <Ada.Lovelace+x@MAIL.example.CO.UK>, please", "mail to <[email]>, please")]
    [InlineData("https://h/?u=ada%40example.com&x=1", "https://h/?u=[email]&x=1")]
    [InlineData("u=ada%2540example.com", "u=[email]")]
    [InlineData("\"ada l\"@example.com", "[email]")]
    [InlineData("müller@exämple.de!", "[email]!")]
    [InlineData("a@b.com,c@d.org", "[email],[email]")]
    [InlineData("a@b.com@c.org", "[email][email]")]
    [InlineData("4111111111111111", "[card]")]
    [InlineData("card 4111 1111 1111 1111.", "card [card].")]
    [InlineData("4111-1111-1111-1111", "[card]")]
    [InlineData("12 4111 1111 1111 1111 12/29", "12 [card] 12/29")]
    [InlineData("378282246310005", "[card]")]
    [InlineData("3782 822463 10005", "[card]")]
    [InlineData("no=4111%201111%201111%201111", "no=[card]")]
    [InlineData("x4111111111111111y", "x[card]y")]
    [InlineData("10.1.2.3", "[ipv4]")]
    [InlineData("from 192.168.1.20:8080 to (203.0.113.9).", "from [ipv4]:8080 to ([ipv4]).")]
    [InlineData("2001:db8::1", "[ipv6]")]
    [InlineData("2001:0DB8:0:0:8:800:200C:417A", "[ipv6]")]
    [InlineData("::ffff:192.0.2.128", "[ipv6]")]
    [InlineData("64:ff9b::192.0.2.33", "[ipv6]")]
    [InlineData("http://[2001:db8::7]:80/", "http://[ipv6]:80/")]
    [InlineData("fe80::1%eth0 up", "[ipv6] up")]
    [InlineData("peer 2001:db8::1: timeout", "peer [ipv6]: timeout")]
    [InlineData("1:2:3:4:5:6:192.0.2.1", "[ipv6]")]
    [InlineData("ip6:2001:db8::1", "ip6:[ipv6]")]
    [InlineData("2001:db8:1::", "[ipv6]")]
    [InlineData("Authorization: Bearer abcdef0123456789", "Authorization: Bearer [token]")]
    [InlineData("bearer AbCdEfGhIjKlMnOpQr", "bearer [token]")]
    [InlineData("Basic YWRhOmxvdmVsYWNl", "Basic [token]")]
    [InlineData("t=eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl;", "t=[token];")]
    [InlineData("AKIAIOSFODNN7EXAMPLE", "[token]")]
    [InlineData("ghp_0123456789abcdefghijABCDEFGHIJ012345", "[token]")]
    [InlineData("stik_0123456789ab_0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", "[token]")]
    [InlineData("078-05-1120", "[national-id]")]
    [InlineData("ssn 078 05 1120;", "ssn [national-id];")]
    [InlineData("ssn-078-05-1120", "ssn-[national-id]")]
    [InlineData("AB123456C", "[national-id]")]
    [InlineData("AB 12 34 56 C", "[national-id]")]
    [InlineData("DE89370400440532013000", "[iban]")]
    [InlineData("GB82 WEST 1234 5698 7654 32", "[iban]")]
    [InlineData("pré ada@example.com 10.1.2.3 4111111111111111 post", "pré [email] [ipv4] [card] post")]
    public void Redact_PersonalData_IsMasked(string text, string expected)
    {
        Assert.Equal(expected, Baseline.Text(text));
    }

    /// <summary>64 and 255 bytes end inside a character of three: what stays must be UTF-8 still.</summary>
    [Fact]
    public void Redact_AddressAboveItsBoundsOutsideAscii_CutsBetweenCharacters()
    {
        static string Euros(int count) => new('\u20AC', count);

        Assert.Equal(Euros(8) + "[email]", Baseline.Text(Euros(30) + "@example.com"));
        Assert.Equal("[email]" + Euros(15), Baseline.Text("a@b." + Euros(100)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("std::vector<int>")]
    [InlineData("a::b")]
    [InlineData("c1::foo")]
    [InlineData("crate::face::add")]
    [InlineData("::")]
    [InlineData("12:34:56")]
    [InlineData("2026-11-24T01:02:03.456789Z")]
    [InlineData("aa:bb:cc:dd:ee:ff")]
    [InlineData("4bf92f3577b34da6a3ce929d0e0e4736")]
    [InlineData("00f067aa0ba902b7")]
    [InlineData("a4111111111111111bcdef0123456789")]
    [InlineData("123e4567-e89b-12d3-a456-426614174000")]
    [InlineData("1763946000000000000")]
    [InlineData("1763946000000")]
    [InlineData("0.4111111111111111")]
    [InlineData("4111111111111112")]
    [InlineData("1.2.3")]
    [InlineData("1.3.6.1.4.1.311")]
    [InlineData("256.1.1.1")]
    [InlineData("lodash@4.17.21")]
    [InlineData("@angular/core")]
    [InlineData("100%")]
    [InlineData("basic authentication")]
    [InlineData("bearer of bad news")]
    [InlineData("bearer authentication failed")]
    [InlineData("SELECT id FROM orders WHERE id = $1 AND state = 'open'")]
    [InlineData("GET /api/v1/users/{id}")]
    [InlineData("+1-202-555-0143")]
    [InlineData("7-078-05-1120")]
    [InlineData("000-12-3456")]
    [InlineData("HTTP/1.1 200 OK")]
    [InlineData("127.0.0.1")]
    [InlineData("http://[::1]:4318/v1/traces")]
    [InlineData("sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    [InlineData("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)")]
    public void Redact_OrdinaryTelemetry_Stays(string text)
    {
        Assert.Equal(text, Baseline.Text(text));
    }

    [Theory]
    [InlineData("eyJ-")]
    [InlineData("@a.")]
    [InlineData("1:")]
    [InlineData("4111 ")]
    [InlineData("-----BEGIN ")]
    [InlineData("AA00")]
    [InlineData("%40")]
    [InlineData("bearer ")]
    [InlineData("\"@")]
    public void Redact_HostileRepetition_TakesLinearTime(string piece)
    {
        var text = string.Concat(Enumerable.Repeat(piece, 200_000 / piece.Length));
        var clock = Stopwatch.StartNew();

        Baseline.Text(text);

        // A quadratic scan of so long a text takes minutes; a linear one milliseconds.
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(10), clock.Elapsed.ToString());
    }
}
