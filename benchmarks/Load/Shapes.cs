using System.Globalization;
using OpenTelemetry.Proto.Common.V1;

namespace StellaOps.Telemetry.Benchmarks.Load;

/// <summary>Values of the shapes that real senders send: names of the semantic conventions, URLs, SQL, UUIDs, paths; reproducible.</summary>
internal sealed class Shapes(int seed)
{
    private static readonly string[] s_regions = ["eu-central", "eu-west", "us-east", "ap-south"];
    private static readonly string[] s_nouns = ["orders", "customers", "invoices", "shipments", "baskets", "returns", "vouchers", "stock"];
    private static readonly string[] s_words = ["accepted", "the", "request", "after", "retry", "from", "upstream", "with", "partial", "content", "and", "cache", "miss"];
    private static readonly string[] s_agents =
    [
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0 Safari/537.36",
        "okhttp/4.12.0", "python-requests/2.32.3", "Java-http-client/21.0.4",
    ];

    // Test numbers of card schemes: they pass the Luhn check and belong to nobody.
    private static readonly string[] s_cards = ["4111 1111 1111 1111", "5555-5555-5555-4444", "378282246310005"];

    private readonly Random _random = new(seed);

    public int Number(int below) => _random.Next(below);

    public string Noun() => s_nouns[_random.Next(s_nouns.Length)];

    public string Host(string service) => $"{service}.{s_regions[_random.Next(s_regions.Length)]}.shop.example";

    public string Agent() => s_agents[_random.Next(s_agents.Length)];

    public string Uuid()
    {
        Span<byte> bytes = stackalloc byte[16];
        _random.NextBytes(bytes);
        return new Guid(bytes).ToString();
    }

    public string Sql() =>
        $"SELECT id, state, total FROM {Noun()} WHERE region = '{s_regions[_random.Next(s_regions.Length)]}' AND updated_at > now() - interval '{Number(60)} minutes' AND shard = {Number(64)} ORDER BY updated_at DESC LIMIT {Number(500)}";

    public string Words(int length)
    {
        var text = new System.Text.StringBuilder(length + 16);
        while (text.Length < length)
        {
            text.Append(s_words[_random.Next(s_words.Length)]).Append(' ');
        }

        return text.ToString(0, length);
    }

    /// <summary>One value that a redaction policy has to find: an email address, an IP address, a card number or a token, within other text or alone.</summary>
    public KeyValue Personal(int kind) => (kind % 4) switch
    {
        0 => Text("enduser.contact", $"{Noun()}.{Number(10_000)}@mail.example.org"),
        1 => Text("client.address", string.Create(CultureInfo.InvariantCulture, $"{20 + Number(100)}.{Number(256)}.{Number(256)}.{1 + Number(250)}")),
        2 => Text("payment.note", $"paid with {s_cards[_random.Next(s_cards.Length)]} at till {Number(40)}"),
        _ => Text("url.query", $"page={Number(90)}&access=ghp_{Letters(36)}"),
    };

    public static KeyValue Text(string key, string value) => new() { Key = key, Value = new AnyValue { StringValue = value } };

    public static KeyValue Int(string key, long value) => new() { Key = key, Value = new AnyValue { IntValue = value } };

    public static KeyValue Real(string key, double value) => new() { Key = key, Value = new AnyValue { DoubleValue = value } };

    public static KeyValue Flag(string key, bool value) => new() { Key = key, Value = new AnyValue { BoolValue = value } };

    private string Letters(int length) => string.Create(length, _random, static (span, random) =>
    {
        for (var i = 0; i < span.Length; i++)
        {
            span[i] = (char)('a' + random.Next(26));
        }
    });
}
