using System.Buffers;
using System.Text;
using Google.Protobuf;
using OpenTelemetry.Proto.Collector.Trace.V1;
using OpenTelemetry.Proto.Trace.V1;
using StellaOps.Telemetry.Otlp;
using StellaOps.Telemetry.Redaction.Tests.TestServices;
using StellaOps.Telemetry.Tests.Shared.Processes;

namespace StellaOps.Telemetry.Redaction.Tests;

public sealed class RedactorTests
{
    private const long Card = 4111111111111111;

    private static readonly string[] s_seeds =
    [
        "ada.lovelace@example.com", "4111 1111 1111 1111", "5555555555554444", "198.51.100.23", "2001:db8:85a3::8a2e:370:7334",
        "AKIAIOSFODNN7EXAMPLE", "078-05-1120", "DE89370400440532013000",
    ];

    public static TheoryData<string, OtlpSignal> PlaceNames()
    {
        var data = new TheoryData<string, OtlpSignal>();
        foreach (var (name, signal, _) in Places.All())
        {
            data.Add(name, signal);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(PlaceNames))]
    public void Redact_SeedInPlace_IsGoneAndTheSecondTimeChangesNothing(string place, OtlpSignal signal)
    {
        var build = Places.All().First(p => p.Name == place && p.Signal == signal).Build;
        foreach (var seed in s_seeds)
        {
            foreach (var text in (string[])[seed, "before " + seed, seed + " after", "é " + seed + " ü", seed + ", " + seed])
            {
                var request = build(text);
                Assert.Contains(seed, Encoding.Latin1.GetString(request), StringComparison.Ordinal);

                var (outcome, bytes, counters) = Baseline.Redact(signal, request);

                Assert.Equal(RedactionOutcome.Changed, outcome);
                Assert.DoesNotContain(seed, Encoding.Latin1.GetString(bytes), StringComparison.Ordinal);
                Assert.True(counters.Total > 0);
                AssertWellFormed(bytes);
                Assert.Equal(RedactionOutcome.Unchanged, Baseline.Redact(signal, bytes).Outcome);
            }
        }
    }

    [Theory]
    [InlineData(100)]
    [InlineData(257)]
    [InlineData(5000)]
    public void Redact_ManyEditsOnAThreadThatNeverRedacted_AllAreMade(int spans)
    {
        var scope = new ScopeSpans();
        for (var i = 0; i < spans; i++)
        {
            scope.Spans.Add(new Span { Name = "mail to ada.lovelace@example.com", TraceId = ByteString.CopyFrom(new byte[16]), SpanId = ByteString.CopyFrom(new byte[8]) });
        }

        var request = new ExportTraceServiceRequest { ResourceSpans = { new ResourceSpans { ScopeSpans = { scope } } } }.ToByteArray();
        byte[] redacted = [];
        var thread = new Thread(() => redacted = Baseline.Redact(OtlpSignal.Traces, request).Bytes);
        thread.Start();
        thread.Join();

        var names = ExportTraceServiceRequest.Parser.ParseFrom(redacted).ResourceSpans[0].ScopeSpans[0].Spans.Select(s => s.Name);
        Assert.Equal(Enumerable.Repeat("mail to [email]", spans), names);
    }

    [Theory]
    [MemberData(nameof(PlaceNames))]
    public void Redact_HarmlessTextInPlace_IsUnchanged(string place, OtlpSignal signal)
    {
        var build = Places.All().First(p => p.Name == place && p.Signal == signal).Build;

        Assert.Equal(RedactionOutcome.Unchanged, Baseline.Redact(signal, build("GET /cart/{id}")).Outcome);
    }

    [Fact]
    public void Redact_CardAsNumber_IsGoneFromEveryNumberField()
    {
        byte[][] spans =
        [
            Proto.Attribute(9, "k", Proto.Int(3, Card)),
            Proto.Attribute(9, "k", Proto.Int(3, -Card)),
            Proto.Attribute(9, "k", Proto.Double(4, Card)),
            Proto.Attribute(9, "k", Proto.Len(5, Proto.Len(1, Proto.Int(3, Card)))),
            Proto.Int(10, Card),
            Proto.Int(99, Card),
            Proto.Fixed64(99, (ulong)Card),
            Proto.Len(99, Proto.Int(1, Card)),
        ];
        foreach (var span in spans)
        {
            AssertNumberGone(OtlpSignal.Traces, Places.Record(span));
        }

        foreach (var point in (byte[][])[Proto.Fixed64(6, (ulong)Card), Proto.Double(4, Card), Proto.Attribute(7, "k", Proto.Int(3, Card)), Proto.Len(5, Proto.Fixed64(6, (ulong)Card))])
        {
            AssertNumberGone(OtlpSignal.Metrics, Places.Record(Proto.Len(5, Proto.Len(1, point))));
        }

        AssertNumberGone(OtlpSignal.Logs, Places.Record(Proto.Len(5, Proto.Int(3, Card))));
        // A timestamp is no number of the sender's choice.
        Assert.Equal(RedactionOutcome.Unchanged, Baseline.Redact(OtlpSignal.Traces, Places.Record(Proto.Fixed64(7, (ulong)Card))).Outcome);
    }

    [Theory]
    [InlineData("db.password")]
    [InlineData("userPassword")]
    [InlineData("http.request.header.Authorization")]
    [InlineData("http.request.header.set-cookie")]
    [InlineData("X-Api-Key")]
    [InlineData("accessToken")]
    [InlineData("CLIENT_SECRET")]
    public void Redact_BlockedKey_MasksTheWholeValue(string key)
    {
        foreach (var value in (byte[][])[Proto.Text("hunter2"), Proto.Int(3, 1234), Proto.Len(5, Proto.Len(1, Proto.Text("hunter2"))), Proto.Len(7, "hunter2"u8.ToArray())])
        {
            var (_, bytes, _) = Baseline.Redact(OtlpSignal.Traces, Places.Record(Proto.Attribute(9, key, value)));

            Assert.Equal(Places.Record(Proto.Attribute(9, key, Proto.Text("[redacted]"))), bytes);
            Assert.Equal(RedactionOutcome.Unchanged, Baseline.Redact(OtlpSignal.Traces, bytes).Outcome);
        }
    }

    [Theory]
    [InlineData("token.count")]
    [InlineData("gen_ai.usage.input_tokens")]
    [InlineData("shopping.list")]
    [InlineData("http.route")]
    public void Redact_SimilarKey_Stays(string key)
    {
        Assert.Equal(RedactionOutcome.Unchanged, Baseline.Redact(OtlpSignal.Traces, Places.Record(Proto.Attribute(9, key, Proto.Text("v")))).Outcome);
    }

    [Fact]
    public void Redact_MetricAttributes_StayDistinctPerValueAndDifferPerTenant()
    {
        static byte[] Point(string email) => Places.Record(Proto.Len(5, Proto.Len(1, Proto.Attribute(7, "user", Proto.Text(email)))));

        var ada = Baseline.Redact(OtlpSignal.Metrics, Point("ada@example.com")).Bytes;

        Assert.Equal(ada, Baseline.Redact(OtlpSignal.Metrics, Point("ada@example.com")).Bytes);
        Assert.NotEqual(ada, Baseline.Redact(OtlpSignal.Metrics, Point("bob@example.com")).Bytes);
        Assert.NotEqual(ada, Baseline.Redact(OtlpSignal.Metrics, Point("ada@example.com"), "globex").Bytes);
        Assert.Contains("[hmac:", Encoding.ASCII.GetString(ada), StringComparison.Ordinal);
    }

    [Fact]
    public void Redact_KeysThatHoldPersonalData_StayDistinct()
    {
        var request = Places.Record(Proto.Attribute(9, "ada@example.com", Proto.Text("1")), Proto.Attribute(9, "bob@example.com", Proto.Text("2")));

        var text = Encoding.ASCII.GetString(Baseline.Redact(OtlpSignal.Traces, request).Bytes);

        var marks = text.Split("[hmac:").Skip(1).Select(p => p[..32]).ToArray();
        Assert.Equal(2, marks.Distinct().Count());
    }

    [Fact]
    public void Redact_ForgedPseudonymUnderABlockedKey_IsReplaced()
    {
        var forged = "[hmac:" + new string('a', 32) + "]";
        var request = Places.Record(Proto.Len(5, Proto.Len(1, Proto.Attribute(7, "password", Proto.Text(forged)))));

        var bytes = Baseline.Redact(OtlpSignal.Metrics, request).Bytes;

        Assert.DoesNotContain(forged, Encoding.ASCII.GetString(bytes), StringComparison.Ordinal);
        Assert.Equal(RedactionOutcome.Unchanged, Baseline.Redact(OtlpSignal.Metrics, bytes).Outcome);
    }

    [Fact]
    public void Redact_ByteBeyondTheMatch_StaysAsItWas()
    {
        var before = Proto.Msg(Proto.Str(5, "name"), Proto.Str(88, "unknown but harmless"), Proto.Fixed64(7, 42));
        var after = Proto.Msg(Proto.Attribute(9, "a", Proto.Int(3, 7)), Proto.Len(15, Proto.Int(3, 2)));

        var bytes = Baseline.Redact(OtlpSignal.Traces, Places.Record(before, Proto.Attribute(9, "ip", Proto.Text("10.9.8.7")), after)).Bytes;

        Assert.Equal(Places.Record(before, Proto.Attribute(9, "ip", Proto.Text("[ipv4]")), after), bytes);
    }

    [Fact]
    public void Redact_LengthsThatShrinkAcrossVarintSizes_StayExact()
    {
        for (var padding = 60; padding < 200; padding++)
        {
            var pad = new string('x', padding);
            var bytes = Baseline.Redact(OtlpSignal.Traces, Places.Record(Proto.Attribute(9, "k", Proto.Text("ada.lovelace@example.com " + pad)))).Bytes;

            Assert.Equal(Places.Record(Proto.Attribute(9, "k", Proto.Text("[email] " + pad))), bytes);
        }
    }

    [Fact]
    public void Redact_EveryTruncation_IsMalformedOrWellFormedAndNeverWritesHalf()
    {
        var request = Proto.Msg(Places.All().Where(p => p.Signal == OtlpSignal.Traces).SelectMany(p => p.Build("ada@example.com")).ToArray());
        for (var length = 0; length < request.Length; length++)
        {
            var (outcome, bytes, counters) = Baseline.Redact(OtlpSignal.Traces, request[..length]);
            if (outcome == RedactionOutcome.Malformed)
            {
                Assert.Empty(bytes);
                Assert.Equal(0, counters.Total);
            }
            else
            {
                AssertWellFormed(bytes);
            }
        }
    }

    [Fact]
    public void Redact_RandomUuids_Stay()
    {
        var random = new Random(11);
        var bytes = new byte[16];
        for (var i = 0; i < 50_000; i++)
        {
            random.NextBytes(bytes);
            var id = new Guid(bytes).ToString();
            Assert.Equal(id, Baseline.Text(id));
        }
    }

    [Fact]
    public void Redact_TooDeep_IsMalformed()
    {
        var value = Proto.Text("deep");
        for (var i = 0; i < 200; i++)
        {
            value = Proto.Len(5, Proto.Len(1, value));
        }

        Assert.Equal(RedactionOutcome.Malformed, Baseline.Redact(OtlpSignal.Logs, Places.Record(Proto.Len(5, value))).Outcome);
    }

    [Fact]
    public void Redact_RandomMixtures_AreStableAfterOnePass()
    {
        string[] pieces = [.. s_seeds, "@", ".", ":", "::", "-", " ", "[", "]", "%40", "a", "1", "12", "com", "fe80", "Bearer ", "eyJ", "é", "\"", "_", "%", "=", "4111", "1111", "[email]", "[hmac:", "AB", "\0"];
        var random = new Random(20261124);
        var places = Places.All().ToArray();
        for (var i = 0; i < 20_000; i++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(1, 9)).Select(_ => pieces[random.Next(pieces.Length)]));
            var (_, signal, build) = places[random.Next(places.Length)];

            var (outcome, bytes, _) = Baseline.Redact(signal, build(text));

            Assert.NotEqual(RedactionOutcome.Malformed, outcome);
            AssertWellFormed(bytes);
            Assert.True(Baseline.Redact(signal, bytes).Outcome == RedactionOutcome.Unchanged, text);
        }
    }

    [Fact]
    public void Redact_RandomBytes_NeverThrows()
    {
        var random = new Random(7);
        var seed = Proto.Msg(Places.All().Where(p => p.Signal == OtlpSignal.Metrics).SelectMany(p => p.Build("10.1.2.3")).ToArray());
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = (byte[])seed.Clone();
            for (var flips = random.Next(1, 6); flips > 0; flips--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            var (outcome, redacted, _) = Baseline.Redact(OtlpSignal.Metrics, bytes);
            if (outcome == RedactionOutcome.Changed)
            {
                Assert.Equal(RedactionOutcome.Unchanged, Baseline.Redact(OtlpSignal.Metrics, redacted).Outcome);
            }
        }
    }

    [Fact]
    public void Redact_NothingMatches_AllocatesNothing()
    {
        var request = Places.Record(
            Proto.Str(5, "GET /cart"), Proto.Attribute(9, "http.route", Proto.Text("/cart/{id}")), Proto.Attribute(9, "url.full", Proto.Text("https://shop.example/cart?id=7")),
            Proto.Attribute(9, "n", Proto.Int(3, 12345)), Proto.Attribute(9, "id", Proto.Text("123e4567-e89b-12d3-a456-426614174000")));
        var output = new ArrayBufferWriter<byte>();
        var counters = new RedactionCounters(Baseline.Redactor.Policy);
        for (var i = 0; i < 100; i++)
        {
            Baseline.Redactor.Redact(OtlpSignal.Traces, "acme", request, output, counters);
        }

        Assert.Equal(0, Allocated.BytesOf(() =>
        {
            for (var i = 0; i < 1000; i++)
            {
                Baseline.Redactor.Redact(OtlpSignal.Traces, "acme", request, output, counters);
            }
        }));
        Assert.Equal(0, output.WrittenCount);
    }

    [Fact]
    public void Redact_MasksInUse_AllocateNothing()
    {
        var request = Places.Record(
            Proto.Str(5, "GET /cart"), Proto.Attribute(9, "user", Proto.Text("mail ada@example.com from 10.1.2.3")), Proto.Attribute(9, "db.password", Proto.Text("hunter2")),
            Proto.Attribute(9, "peer", Proto.Text("127.0.0.1")), Proto.Attribute(9, "card", Proto.Int(3, Card)), Proto.Attribute(9, "list", Proto.Len(5, Proto.Len(1, Proto.Text("2001:db8::1")))));
        var output = new ArrayBufferWriter<byte>(4096);
        var counters = new RedactionCounters(Baseline.Redactor.Policy);
        for (var i = 0; i < 100; i++)
        {
            output.ResetWrittenCount();
            Baseline.Redactor.Redact(OtlpSignal.Traces, "acme", request, output, counters);
        }

        var unchanged = 0;
        Assert.Equal(0, Allocated.BytesOf(() =>
        {
            for (var i = 0; i < 1000; i++)
            {
                output.ResetWrittenCount();
                unchanged += Baseline.Redactor.Redact(OtlpSignal.Traces, "acme", request, output, counters) == RedactionOutcome.Changed ? 0 : 1;
            }
        }));
        Assert.Equal(0, unchanged);
    }

    private static void AssertNumberGone(OtlpSignal signal, byte[] request)
    {
        var (outcome, bytes, counters) = Baseline.Redact(signal, request);
        Assert.Equal(RedactionOutcome.Changed, outcome);
        Assert.Equal(1, counters.Of("card") + counters.Of(CompiledPolicy.UnknownFieldRule));
        AssertWellFormed(bytes);
        Assert.Equal(RedactionOutcome.Unchanged, Baseline.Redact(signal, bytes).Outcome);
    }

    private static void AssertWellFormed(byte[] bytes)
    {
        var output = new ArrayBufferWriter<byte>();
        var nothing = new Redactor(CompiledPolicy.Compile(new RedactionPolicy { Name = "none" }, default));
        Assert.Equal(RedactionOutcome.Unchanged, nothing.Redact(OtlpSignal.Traces, "t", bytes, output, new RedactionCounters(nothing.Policy)));
    }
}
