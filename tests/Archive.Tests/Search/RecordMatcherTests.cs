using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.Collections;
using OpenTelemetry.Proto.Collector.Logs.V1;
using OpenTelemetry.Proto.Collector.Metrics.V1;
using OpenTelemetry.Proto.Collector.Trace.V1;
using OpenTelemetry.Proto.Common.V1;
using OpenTelemetry.Proto.Logs.V1;
using OpenTelemetry.Proto.Trace.V1;
using StellaOps.Telemetry.Archive.Search;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Otlp;
using StellaOps.Telemetry.Tests.Shared.Otlp;
using StellaOps.Telemetry.Tests.Shared.Processes;

namespace StellaOps.Telemetry.Archive.Tests.Search;

/// <summary>The same questions put to the generated types.</summary>
public sealed class RecordMatcherTests
{
    [Theory]
    [InlineData(Signal.Traces)]
    [InlineData(Signal.Metrics)]
    [InlineData(Signal.Logs)]
    public void Takes_AnyQueryOfAnyRequest_IsWhatTheGeneratedTypesSay(Signal signal)
    {
        var (taken, refused) = (0, 0);
        for (var seed = 0; seed < 150; seed++)
        {
            var request = RandomOtlp.Request(signal, seed, unknownFields: seed % 3 == 0);
            var bytes = request.ToByteArray();
            var records = Oracle.Single(request).ConvertAll(r => new Parts(r));
            foreach (var query in Queries(new Random(seed), records))
            {
                var expected = records.ConvertAll(r => r.Matches(query));
                Assert.Equal(expected, Taken(signal, bytes, query));
                taken += expected.Count(t => t);
                refused += expected.Count(t => !t);
            }
        }

        // Both answers were worth something.
        Assert.True(taken > 500 && refused > 500, $"{taken} taken, {refused} refused");
    }

    [Fact]
    public void Begin_PayloadsThatHoldNothing_AllocateNothing()
    {
        var bytes = RandomOtlp.Logs(7, 50).ToByteArray();
        var matcher = new RecordMatcher(new RecordQuery { Text = "nobody wrote this", Attributes = [new AttributeEquality("no.such", "7")], MinSeverity = 1 });
        Look(matcher, bytes);

        Assert.Equal(0, Allocated.BytesOf(() => Look(matcher, bytes)));
    }

    [Theory]
    [InlineData(Signal.Traces, "00000000000000000000000000000001", null, null, true)]
    [InlineData(Signal.Metrics, "00000000000000000000000000000001", null, null, false)]
    [InlineData(Signal.Traces, null, 9, null, false)]
    [InlineData(Signal.Metrics, null, null, "text", false)]
    [InlineData(Signal.Logs, null, 9, "text", true)]
    public void MayTake_OnlyLogsHaveSeverityAndText_AndPointsNoTrace(Signal signal, string? trace, int? severity, string? text, bool expected) =>
        Assert.Equal(expected, new RecordMatcher(new RecordQuery { TraceId = trace, MinSeverity = severity, Text = text }).MayTake(signal));

    private static void Look(RecordMatcher matcher, byte[] bytes)
    {
        if (matcher.Filter.MayHold(bytes))
        {
            throw new InvalidOperationException("the filter let it pass");
        }

        var matching = matcher.Begin();
        var reader = new RecordReader(OtlpSignal.Logs, bytes);
        while (reader.TryRead(out var record))
        {
            if (matching.Takes(record))
            {
                throw new InvalidOperationException("a record matched");
            }
        }
    }

    private static List<bool> Taken(Signal signal, byte[] bytes, RecordQuery query)
    {
        var matcher = new RecordMatcher(query);
        var matching = matcher.Begin();
        var taken = new List<bool>();
        var reader = new RecordReader((OtlpSignal)signal, bytes);
        while (reader.TryRead(out var record))
        {
            taken.Add(matching.Takes(record));
        }

        // What is skipped holds nothing.
        Assert.True(matcher.Filter.MayHold(bytes) || taken.TrueForAll(t => !t));
        Assert.True(matcher.MayTake(signal) || taken.TrueForAll(t => !t));
        return taken;
    }

    private static IEnumerable<RecordQuery> Queries(Random random, List<Parts> records)
    {
        yield return new RecordQuery();
        for (var i = 0; i < 8; i++)
        {
            var like = records[random.Next(records.Count)];
            var attributes = like.Attributes.ToList();
            yield return new RecordQuery
            {
                Attributes = [.. Enumerable.Range(0, random.Next(1, 3)).Where(_ => attributes.Count > 0).Select(_ => Equality(random, attributes[random.Next(attributes.Count)]))],
                TraceId = random.Next(4) == 0 && like.TraceId.Length == 16 ? Convert.ToHexString(like.TraceId.Span) : null,
                Services = random.Next(4) == 0 ? ["a", like.Service ?? "none"] : [],
                EventFromUnixNano = random.Next(4) == 0 ? like.EventTime : null,
                EventToUnixNano = random.Next(4) == 0 ? like.EventTime + 1 : null,
            };
            if (like.Record is LogRecord log)
            {
                var word = Words(log.Body).Append("http").Skip(random.Next(4)).FirstOrDefault("é");
                var text = word.Length > 3 ? word[..^1] : word.Length > 0 ? word : "x";
                yield return new RecordQuery { MinSeverity = random.Next(2) == 0 ? random.Next(1, 25) : null, Text = text };
                yield return new RecordQuery { Text = string.Concat(text.Select(c => char.IsAsciiLetterLower(c) ? char.ToUpperInvariant(c) : c)), IgnoreCase = true };
            }
        }
    }

    private static AttributeEquality Equality(Random random, KeyValue attribute) => new(
        attribute.Key, random.Next(4) == 0 ? "12" : Words(attribute.Value).FirstOrDefault("true"));

    private static IEnumerable<string> Words(AnyValue? value) => value?.ValueCase switch
    {
        AnyValue.ValueOneofCase.StringValue => [value.StringValue],
        AnyValue.ValueOneofCase.BoolValue => [value.BoolValue ? "true" : "false"],
        AnyValue.ValueOneofCase.IntValue => [value.IntValue.ToString(CultureInfo.InvariantCulture)],
        AnyValue.ValueOneofCase.DoubleValue => [Number(value.DoubleValue)],
        AnyValue.ValueOneofCase.ArrayValue => value.ArrayValue.Values.SelectMany(Words),
        AnyValue.ValueOneofCase.KvlistValue => value.KvlistValue.Values.SelectMany(v => Words(v.Value).Prepend(v.Key)),
        _ => [],
    };

    private static string Number(double value) => double.IsNaN(value) ? "NaN" : double.IsInfinity(value) ? value > 0 ? "Infinity" : "-Infinity" : value.ToString(CultureInfo.InvariantCulture);

    /// <summary>One record with what is around it.</summary>
    private sealed class Parts
    {
        private readonly RepeatedField<KeyValue> _ofResource;
        private readonly RepeatedField<KeyValue> _ofScope;
        private readonly RepeatedField<KeyValue> _own;

        public Parts(IMessage request)
        {
            Record = Oracle.Records(request).Single();
            (_ofResource, _ofScope) = request switch
            {
                ExportTraceServiceRequest t => (t.ResourceSpans[0].Resource.Attributes, t.ResourceSpans[0].ScopeSpans[0].Scope.Attributes),
                ExportLogsServiceRequest l => (l.ResourceLogs[0].Resource.Attributes, l.ResourceLogs[0].ScopeLogs[0].Scope.Attributes),
                ExportMetricsServiceRequest m => (m.ResourceMetrics[0].Resource.Attributes, m.ResourceMetrics[0].ScopeMetrics[0].Scope.Attributes),
                _ => throw new InvalidOperationException(),
            };
            _own = (RepeatedField<KeyValue>)Record.Descriptor.FindFieldByName("attributes").Accessor.GetValue(Record);
        }

        public IMessage Record { get; }

        public IEnumerable<KeyValue> Attributes => _own.Concat(_ofScope).Concat(_ofResource);

        public ByteString TraceId => Record switch { Span s => s.TraceId, LogRecord l => l.TraceId, _ => ByteString.Empty };

        public string? Service => _ofResource.FirstOrDefault(a => a.Key == "service.name")?.Value is { ValueCase: AnyValue.ValueOneofCase.StringValue } name ? name.StringValue : null;

        public ulong EventTime => Record switch
        {
            Span s => s.StartTimeUnixNano,
            LogRecord l => l.TimeUnixNano != 0 ? l.TimeUnixNano : l.ObservedTimeUnixNano,
            _ => (ulong)Record.Descriptor.FindFieldByName("time_unix_nano").Accessor.GetValue(Record),
        };

        public bool Matches(RecordQuery q) =>
            (q.Services.Count == 0 || (Service is not null && q.Services.Contains(Service)))
            && (q.TraceId is null || TraceId.Span.SequenceEqual(Convert.FromHexString(q.TraceId)))
            && ((q.EventFromUnixNano is null && q.EventToUnixNano is null) || EventTime != 0)
            && (q.EventFromUnixNano is null || EventTime >= q.EventFromUnixNano)
            && (q.EventToUnixNano is null || EventTime < q.EventToUnixNano)
            && (q.MinSeverity is null || (Record is LogRecord l && (int)l.SeverityNumber >= q.MinSeverity))
            && (q.Text is null || (Record is LogRecord t && Holds(t.Body, q.Text, q.IgnoreCase)))
            && q.Attributes.All(a => new[] { _own, _ofScope, _ofResource }.Any(list => list.FirstOrDefault(x => x.Key == a.Key) is { } first && IsEqual(first.Value, a.Value)));

        private static bool IsEqual(AnyValue? value, string text) => value?.ValueCase switch
        {
            AnyValue.ValueOneofCase.StringValue => value.StringValue == text,
            AnyValue.ValueOneofCase.BoolValue => text == (value.BoolValue ? "true" : "false"),
            AnyValue.ValueOneofCase.IntValue => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var integer) && integer == value.IntValue,
            AnyValue.ValueOneofCase.DoubleValue => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number == value.DoubleValue,
            AnyValue.ValueOneofCase.ArrayValue => value.ArrayValue.Values.Any(v => IsEqual(v, text)),
            _ => false,
        };

        private static bool Holds(AnyValue? body, string text, bool ignoreCase) =>
            Words(body).Any(w => w.Contains(text, ignoreCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal)) || HoldsBytes(body, text, ignoreCase);

        private static bool HoldsBytes(AnyValue? body, string text, bool ignoreCase) => body?.ValueCase switch
        {
            AnyValue.ValueOneofCase.BytesValue => Folded(body.BytesValue.ToByteArray(), ignoreCase).AsSpan().IndexOf(Folded(System.Text.Encoding.UTF8.GetBytes(text), ignoreCase)) >= 0,
            AnyValue.ValueOneofCase.ArrayValue => body.ArrayValue.Values.Any(v => HoldsBytes(v, text, ignoreCase)),
            AnyValue.ValueOneofCase.KvlistValue => body.KvlistValue.Values.Any(v => HoldsBytes(v.Value, text, ignoreCase)),
            _ => false,
        };

        private static byte[] Folded(byte[] bytes, bool ignoreCase) => ignoreCase ? Array.ConvertAll(bytes, b => b is >= 65 and <= 90 ? (byte)(b + 32) : b) : bytes;
    }
}
