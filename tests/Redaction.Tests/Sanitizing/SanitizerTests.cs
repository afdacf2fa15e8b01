using System.Buffers;
using System.Diagnostics;
using System.Text;
using StellaOps.Telemetry.Redaction.Sanitizing;

namespace StellaOps.Telemetry.Redaction.Tests.Sanitizing;

public sealed class SanitizerTests
{
    [Theory]
    [InlineData("https://shop.example/api/v1/orders/48213?mail=x#top", "https://shop.example/api/v1/orders/*")]
    [InlineData("https://ada:secret@shop.example:8443/oauth2/token", "https://shop.example:8443/oauth2/token")]
    [InlineData("/users/ada@example.com/profile", "/users/*/profile")]
    [InlineData("/u/123e4567-e89b-12d3-a456-426614174000/", "/u/*/")]
    [InlineData("/files/9f86d081884c7d659a2feaa0c55ad015", "/files/*")]
    [InlineData("/users/{id}/orders/:order", "/users/{id}/orders/:order")]
    [InlineData("/api/v2/s3/order-items", "/api/v2/s3/order-items")]
    [InlineData("/sku/SKU-1234", "/sku/*")]
    [InlineData("?a=1", "")]
    [InlineData("mail=ada&x=1", "")]
    [InlineData("shop.example", "shop.example")]
    [InlineData("", "")]
    public void Url_Strip(string url, string expected) => Assert.Equal(expected, Url(url, UrlQuery.Strip));

    [Theory]
    [InlineData("/search?q=ada&page=2#top", "/search?q=*&page=*")]
    [InlineData("/search?flag&q=", "/search?*&q=*")]
    [InlineData("q=ada&page=2", "q=*&page=*")]
    public void Url_Mask(string url, string expected) => Assert.Equal(expected, Url(url, UrlQuery.Mask));

    [Theory]
    [InlineData("GET /users/42", "GET /users/*")]
    [InlineData("GET /cart/{id}", "GET /cart/{id}")]
    [InlineData("GET https://shop.example/orders/7?x=1", "GET https://shop.example/orders/*")]
    [InlineData("place order 42", "place order 42")]
    public void SpanName(string name, string expected)
    {
        var output = new ArrayBufferWriter<byte>();
        UrlText.WriteSpanName(Encoding.UTF8.GetBytes(name), UrlQuery.Strip, output);
        Assert.Equal(expected, Encoding.UTF8.GetString(output.WrittenSpan));
    }

    [Theory]
    [InlineData("SELECT * FROM t1 WHERE mail = 'ada@example.com' AND n = 7", "SELECT * FROM t1 WHERE mail = ? AND n = ?")]
    [InlineData("SELECT 'it''s', \"ada\"", "SELECT ?, ?")]
    [InlineData("WHERE id = $1 AND x = :p1 AND y = @p2 AND z = ?3", "WHERE id = $1 AND x = :p1 AND y = @p2 AND z = ?3")]
    [InlineData("SELECT E'a\\'b' , 'secret'", "SELECT ?")]
    [InlineData("SELECT 'C:\\\\' , 5", "SELECT ? , ?")]
    [InlineData("SELECT N'x', X'00ff', 0xFF, 1.5e-7, -3", "SELECT ?, ?, ?, ?, -?")]
    [InlineData("SELECT $$secret$$, $tag$ se$cret $tag$", "SELECT ?, ?")]
    [InlineData("SELECT 1 -- ada\nFROM t", "SELECT ? \nFROM t")]
    [InlineData("SELECT /* ada */ a FROM t # bob", "SELECT   a FROM t ")]
    [InlineData("SELECT a #> '{x}' FROM t", "SELECT a #> ? FROM t")]
    [InlineData("INSERT INTO t VALUES (1, 'a'), (2, 'b')", "INSERT INTO t VALUES (?, ?), (?, ?)")]
    [InlineData("SELECT 'never closed", "SELECT ?")]
    [InlineData("SELECT x::int4, `a1` FROM [t 2]", "SELECT x::int4, `a1` FROM [t ?]")]
    [InlineData("a=b", "a=b")]
    public void Sql(string sql, string expected) => Assert.Equal(expected, Statement(sql));

    [Fact]
    public void Sql_OfAnything_IsStableAndShowsNoLiteral()
    {
        string[] pieces = ["'", "\"", "\\", "--", "/*", "*/", "#", "$", "$a$", "1", "7x", "\n", " ", "a", "N'", "é", "?", ":", "@", "-", "e", "secret'", "::", "[", "]"];
        var random = new Random(3);
        for (var i = 0; i < 50_000; i++)
        {
            var sql = string.Concat(Enumerable.Range(0, random.Next(1, 12)).Select(_ => pieces[random.Next(pieces.Length)]));
            var once = Statement(sql);
            Assert.True(Statement(once) == once, sql);
            var url = Url(sql, UrlQuery.Mask);
            Assert.True(Url(url, UrlQuery.Mask) == url, sql);
        }
    }

    [Theory]
    [InlineData("'")]
    [InlineData("$a")]
    [InlineData("$a$")]
    [InlineData("/*")]
    [InlineData("\\'")]
    [InlineData("1e")]
    [InlineData("/")]
    [InlineData("?&")]
    public void HostileRepetition_TakesLinearTime(string piece)
    {
        var text = string.Concat(Enumerable.Repeat(piece, 1_000_000 / piece.Length));
        var clock = Stopwatch.StartNew();

        Statement(text);
        Url(text, UrlQuery.Mask);

        // A quadratic pass over a million bytes takes minutes; a linear one milliseconds.
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(10), clock.Elapsed.ToString());
    }

    private static string Statement(string sql)
    {
        var output = new ArrayBufferWriter<byte>();
        SqlText.Write(Encoding.UTF8.GetBytes(sql), output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private static string Url(string url, UrlQuery query)
    {
        var output = new ArrayBufferWriter<byte>();
        UrlText.Write(Encoding.UTF8.GetBytes(url), query, output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
