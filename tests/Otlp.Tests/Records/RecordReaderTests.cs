using System.Buffers;
using Google.Protobuf;
using OpenTelemetry.Proto.Collector.Trace.V1;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Tests.Shared.Otlp;

namespace StellaOps.Telemetry.Otlp.Tests.Records;

public sealed class RecordReaderTests
{
    public static TheoryData<OtlpSignal> Signals => Oracle.Signals;

    [Theory]
    [MemberData(nameof(Signals))]
    public void TryRead_RandomRequests_GivesTheOraclesRecords(OtlpSignal signal)
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var request = RandomOtlp.Request((Signal)signal, seed, unknownFields: seed % 2 == 0);
            var expected = Oracle.Single(request);
            var frames = Frames(signal, request.ToByteArray(), out var malformed);
            Assert.False(malformed);
            Assert.Equal(expected.Count, frames.Count);
            for (var i = 0; i < frames.Count; i++)
            {
                Assert.Equal(expected[i], Oracle.ParserOf(signal).ParseFrom(frames[i]));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Signals))]
    public void TryRead_CutAtEveryByte_NeverThrowsNorReadsPastTheCut(OtlpSignal signal)
    {
        var bytes = RandomOtlp.Request((Signal)signal, 7, unknownFields: true).ToByteArray();
        var whole = Frames(signal, bytes, out _);
        for (var length = 0; length < bytes.Length; length++)
        {
            var part = Frames(signal, bytes[..length], out var malformed);
            Assert.True(malformed || Parses(signal, bytes[..length]));
            Assert.True(part.Count <= whole.Count);
            Assert.True(part.Zip(whole).All(pair => pair.First.AsSpan().SequenceEqual(pair.Second)));
        }

        Assert.Equal(whole, Frames(signal, bytes, out _));
    }

    [Fact]
    public void TryRead_ScopesBeforeResource_StillGivesTheResource()
    {
        // resource_spans { scope_spans { spans { start = 5 } scope { name: "s" } } resource { dropped = 3 } schema_url: "u" }
        byte[] request =
        [
            0x0A, 0x1B,
            0x12, 0x12, 0x12, 0x09, 0x39, 5, 0, 0, 0, 0, 0, 0, 0, 0x0A, 0x03, 0x0A, 0x01, (byte)'s', 0x1A, 0x00,
            0x0A, 0x02, 0x10, 0x03,
            0x1A, 0x01, (byte)'u',
        ];
        var reader = new RecordReader(OtlpSignal.Traces, request);
        Assert.True(reader.TryRead(out var record));
        Assert.Equal([0x10, 0x03], record.Resource.ToArray());
        Assert.Equal("u"u8.ToArray(), record.ResourceSchemaUrl.ToArray());
        Assert.Equal([0x0A, 0x01, (byte)'s'], record.Scope.ToArray());
        Assert.Equal(5UL, record.EventTimeUnixNano);
        Assert.False(reader.TryRead(out _));
        Assert.False(reader.IsMalformed);
    }

    [Fact]
    public void TryRead_TwoResources_IsMalformed()
    {
        byte[] request = [0x0A, 0x06, 0x0A, 0x00, 0x0A, 0x00, 0x12, 0x00];
        Assert.Single(ExportTraceServiceRequest.Parser.ParseFrom(request).ResourceSpans);
        Frames(OtlpSignal.Traces, request, out var malformed);
        Assert.True(malformed);
    }

    [Fact]
    public void SpanView_RandomSpans_SaysWhatTheOracleSays()
    {
        var request = RandomOtlp.Traces(3, 200);
        var spans = request.ResourceSpans.SelectMany(g => g.ScopeSpans).SelectMany(s => s.Spans).ToList();
        var resources = request.ResourceSpans.SelectMany(g => g.ScopeSpans.SelectMany(s => s.Spans.Select(_ => g.Resource))).ToList();
        var reader = new RecordReader(OtlpSignal.Traces, request.ToByteArray());
        foreach (var (span, resource) in spans.Zip(resources))
        {
            Assert.True(reader.TryRead(out var record));
            Assert.True(SpanView.TryRead(record.Record, out var view));
            Assert.Equal(span.TraceId.ToByteArray(), view.TraceId.ToArray());
            Assert.Equal(span.SpanId.ToByteArray(), view.SpanId.ToArray());
            Assert.Equal(span.ParentSpanId.ToByteArray(), view.ParentSpanId.ToArray());
            Assert.Equal(span.Name, System.Text.Encoding.UTF8.GetString(view.Name));
            Assert.Equal((int)span.Kind, view.Kind);
            Assert.Equal((int)(span.Status?.Code ?? 0), view.StatusCode);
            Assert.Equal(span.EndTimeUnixNano > span.StartTimeUnixNano ? span.EndTimeUnixNano - span.StartTimeUnixNano : 0, view.DurationNano);
            var service = resource?.Attributes.FirstOrDefault(a => a.Key == "service.name")?.Value;
            Assert.Equal(service is { HasStringValue: true }, ResourceView.TryGetServiceName(record.Resource, out var name));
            Assert.Equal(service?.StringValue ?? "", System.Text.Encoding.UTF8.GetString(name));
        }
    }

    [Theory]
    [InlineData("0A016B12060A017AC03E07", true)] // a field of a later specification behind the text
    [InlineData("0A016B12030A017A1200", true)] // a second value that says nothing
    [InlineData("0A016B12030A017A12021005", false)] // a second value of another kind
    [InlineData("0A016B12050A017A1801", false)] // a text and a number in one value
    public void TryGetString_ValueInSeveralParts_IsWhatProtobufMakesOfIt(string hex, bool isText)
    {
        var keyValue = Convert.FromHexString(hex);
        var oracle = OpenTelemetry.Proto.Common.V1.KeyValue.Parser.ParseFrom(keyValue);
        Assert.Equal(isText, oracle.Value.HasStringValue);
        byte[] resource = [0x0A, (byte)keyValue.Length, .. keyValue];
        Assert.Equal(isText, AttributeView.TryGetString(resource, 1, "k"u8, out var value));
        Assert.Equal(isText ? "z"u8.ToArray() : [], value.ToArray());
    }

    internal static List<byte[]> Frames(OtlpSignal signal, byte[] request, out bool malformed)
    {
        var frames = new List<byte[]>();
        var output = new ArrayBufferWriter<byte>();
        var reader = new RecordReader(signal, request);
        while (reader.TryRead(out var record))
        {
            Assert.Equal(frames.Count, record.Index);
            output.ResetWrittenCount();
            CanonicalFrame.Write(in record, output);
            frames.Add(output.WrittenSpan.ToArray());
        }

        malformed = reader.IsMalformed;
        return frames;
    }

    private static bool Parses(OtlpSignal signal, byte[] bytes)
    {
        try
        {
            Oracle.ParserOf(signal).ParseFrom(bytes);
            return true;
        }
        catch (InvalidProtocolBufferException)
        {
            return false;
        }
    }
}
