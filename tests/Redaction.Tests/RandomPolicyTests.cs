using Google.Protobuf;
using Google.Protobuf.Reflection;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Otlp;
using StellaOps.Telemetry.Redaction.Tests.TestServices;
using StellaOps.Telemetry.Tests.Shared.Otlp;

namespace StellaOps.Telemetry.Redaction.Tests;

/// <summary>Properties that hold for every request under every policy that can be written.</summary>
public sealed class RandomPolicyTests
{
    private static readonly string[] s_texts =
    [
        "ada.lovelace@example.com", "4111 1111 1111 1111", "198.51.100.23", "2001:db8:85a3::8a2e:370:7334", "AKIAIOSFODNN7EXAMPLE", "078-05-1120", "DE89370400440532013000", "TCK-123456",
        "https://ada:pw@shop.example/orders/48213?mail=ada@example.com", "/users/10.1.2.3/x", "SELECT * FROM t WHERE mail = 'ada@example.com' AND n = 7 -- 10.1.2.3", "GET /users/42", "harmless",
    ];

    private static readonly string[] s_keys =
        ["k", "db.password", "accessToken", "url.full", "url.path", "db.query.text", "host.ip", "redaction.masked.count", "redaction.masked.keys", "redaction.redacted.keys", "ada@example.com", "debug.x", "service.name"];

    [Theory]
    [InlineData(Signal.Traces)]
    [InlineData(Signal.Metrics)]
    [InlineData(Signal.Logs)]
    public void Redact_AnyRequestUnderAnyPolicy_IsStableAndStaysARequest(Signal signal)
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var message = RandomOtlp.Request(signal, seed, records: 6, unknownFields: seed % 3 == 0);
            Fill(message, random);
            var request = message.ToByteArray();
            var redactor = new Redactor(CompiledPolicy.Compile(Policy(random), Baseline.Secrets));

            var (outcome, once, counters) = Baseline.Redact((OtlpSignal)signal, request, redactor: redactor);

            Assert.NotEqual(RedactionOutcome.Malformed, outcome);
            Assert.Equal(outcome == RedactionOutcome.Changed, counters.Total > 0);
            message.Descriptor.Parser.ParseFrom(once);
            Assert.Equal(OtlpOutcome.Valid, OtlpRequestValidator.Validate((OtlpSignal)signal, once, new OtlpLimits { MaxDepth = 100 }, out _));
            Assert.True(Baseline.Redact((OtlpSignal)signal, once, redactor: redactor).Outcome == RedactionOutcome.Unchanged, $"seed {seed}");
        }
    }

    private static RedactionPolicy Policy(Random random)
    {
        T Pick<T>(params ReadOnlySpan<T> values) => values[random.Next(values.Length)];
        bool Coin() => random.Next(2) == 0;
        RedactionAction Action() => Pick(RedactionAction.Mask, RedactionAction.Drop, RedactionAction.Hmac);
        var classes = Enum.GetValues<ValueClass>().Where(c => c != ValueClass.Pattern && Coin()).ToArray();
        var allowAll = Coin() || Coin();
        return new RedactionPolicy
        {
            Name = "random",
            AllowAllKeys = allowAll,
            AllowedKeys = allowAll ? [] : ["k", "url.full", "db.query.text", "host.ip"],
            IgnoredKeys = Coin() ? [] : ["host.ip"],
            IgnoredKeyPatterns = Coin() ? [] : ["^service\\."],
            BlockedKeyPatterns = Coin() ? [] : [new KeyRule("credentials", Action(), ["password", "token"], Coin(), []), new KeyRule("debug", Action(), [], false, ["^debug\\."])],
            BlockedValues =
            [
                .. classes.Select(c => new ValueRule("class-" + c.ToString().ToLowerInvariant(), Action(), c)),
                .. Coin() ? [] : (ValueRule[])[new ValueRule("ticket", Action(), ValueClass.Pattern, "TCK-[0-9]+")],
            ],
            AllowedValues = Coin() ? [] : ["10\\..*", "TCK-123456"],
            Summary = Pick(RedactionSummary.Silent, RedactionSummary.Info, RedactionSummary.Debug),
            UrlSanitizer = Coin() ? null : new UrlSanitizer(["url.full", "url.path"], Coin(), Pick(UrlQuery.Strip, UrlQuery.Mask, UrlQuery.Keep)),
            DbSanitizer = Coin() ? null : new DbSanitizer(["db.query.text"]),
        };
    }

    /// <summary>Puts texts that rules find, and keys that they know, in place of some of the request's own.</summary>
    private static void Fill(IMessage message, Random random)
    {
        foreach (var field in message.Descriptor.Fields.InDeclarationOrder())
        {
            var value = field.Accessor.GetValue(message);
            if (field.FieldType == FieldType.String && !field.IsRepeated && random.Next(3) > 0 && (field.ContainingOneof is null || field.Accessor.HasValue(message)))
            {
                var texts = field.Name == "key" ? s_keys : s_texts;
                field.Accessor.SetValue(message, texts[random.Next(texts.Length)]);
            }
            else if (field.FieldType == FieldType.Message)
            {
                foreach (var child in field.IsRepeated ? (System.Collections.IEnumerable)value : new[] { value })
                {
                    if (child is IMessage inner)
                    {
                        Fill(inner, random);
                    }
                }
            }
        }
    }
}
