using System.Buffers;
using System.Text;
using OpenTelemetry.Proto.Collector.Logs.V1;
using OpenTelemetry.Proto.Collector.Trace.V1;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Tests.Shared.Otlp;

namespace StellaOps.Telemetry.Otlp.Tests.Json;

public sealed class OtlpJsonTests
{
    public static TheoryData<OtlpSignal> Signals => Oracle.Signals;

    [Theory]
    [MemberData(nameof(Signals))]
    public void TryToProtobuf_WhatProtobufWrites_IsTheSameRequest(OtlpSignal signal)
    {
        for (var seed = 0; seed < 100; seed++)
        {
            var request = RandomOtlp.Request((Signal)signal, seed);
            var json = OracleJson.Write(request, enumsAsNumbers: seed % 2 == 0).ToJsonString();
            var output = new ArrayBufferWriter<byte>();
            Assert.True(OtlpJson.TryToProtobuf(signal, Encoding.UTF8.GetBytes(json), OtlpLimits.Default, output, out var error), error);
            Assert.Equal(request, Oracle.ParserOf(signal).ParseFrom(output.WrittenSpan));
            Assert.Equal(OtlpOutcome.Valid, OtlpRequestValidator.Validate(signal, output.WrittenSpan, OtlpLimits.Default, out _));
        }
    }

    [Fact]
    public void TryToProtobuf_TheSpecificationsUglyCases_AreRead()
    {
        const string Json = """
            {"unknown":{"a":[1,{"b":null}]},"resourceSpans":[{"resource":null,"scopeSpans":[{"spans":[{"traceId":"5B8EFFF798038103D269B633813FC60C",
            "spanId":"eee19b7ec3c1b174","parentSpanId":"","name":"caf\u00e9 \ud83d\ude00","kind":2,"startTimeUnixNano":1544712660000000000,"endTimeUnixNano":"1544712661000000000",
            "attributes":[{"key":"n","value":{"intValue":"-5"}},{"key":"b","value":{"bytesValue":"_-8"}},{"key":"i","value":{"intValue":7}},{"key":"d","value":{"doubleValue":"NaN"}}],
            "status":{"code":"STATUS_CODE_ERROR"}}]}]}]}
            """;
        var output = new ArrayBufferWriter<byte>();
        Assert.True(OtlpJson.TryToProtobuf(OtlpSignal.Traces, Encoding.UTF8.GetBytes(Json), OtlpLimits.Default, output, out var error), error);
        var span = ExportTraceServiceRequest.Parser.ParseFrom(output.WrittenSpan).ResourceSpans[0].ScopeSpans[0].Spans[0];
        Assert.Equal("5B8EFFF798038103D269B633813FC60C", Convert.ToHexString(span.TraceId.Span));
        Assert.Equal("EEE19B7EC3C1B174", Convert.ToHexString(span.SpanId.Span));
        Assert.Equal("café 😀", span.Name);
        Assert.Equal(1544712660000000000UL, span.StartTimeUnixNano);
        Assert.Equal(1544712661000000000UL, span.EndTimeUnixNano);
        Assert.Equal(-5, span.Attributes[0].Value.IntValue);
        Assert.Equal([0xFF, 0xEF], span.Attributes[1].Value.BytesValue.ToByteArray());
        Assert.Equal(7, span.Attributes[2].Value.IntValue);
        Assert.True(double.IsNaN(span.Attributes[3].Value.DoubleValue));
        Assert.Equal(OpenTelemetry.Proto.Trace.V1.Status.Types.StatusCode.Error, span.Status.Code);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("{} {}")]
    [InlineData("{\"resourceLogs\":{}}")]
    [InlineData("{\"resourceLogs\":[null]}")]
    [InlineData("{\"resourceLogs\":[{\"scopeLogs\":[{\"logRecords\":[{\"traceId\":\"xyz\"}]}]}]}")]
    [InlineData("{\"resourceLogs\":[{\"scopeLogs\":[{\"logRecords\":[{\"timeUnixNano\":-1}]}]}]}")]
    [InlineData("{\"resourceLogs\":[{\"scopeLogs\":[{\"logRecords\":[{\"timeUnixNano\":\"18446744073709551616\"}]}]}]}")]
    [InlineData("{\"resourceLogs\":[{\"scopeLogs\":[{\"logRecords\":[{\"flags\":4294967296}]}]}]}")]
    [InlineData("{\"resourceLogs\":[{\"scopeLogs\":[{\"logRecords\":[{\"severityNumber\":\"LOUD\"}]}]}]}")]
    [InlineData("{\"resourceLogs\":[{\"scopeLogs\":[{\"logRecords\":[{\"body\":{\"stringValue\":\"\\ud800\"}}]}]}]}")]
    [InlineData("{\"resourceLogs\":[{\"scopeLogs\":[{\"logRecords\":[{\"body\":{\"bytesValue\":\"*\"}}]}]}]}")]
    public void TryToProtobuf_WhatIsNoRequest_IsRefusedAndNothingWritten(string json)
    {
        var output = new ArrayBufferWriter<byte>();
        Assert.False(OtlpJson.TryToProtobuf(OtlpSignal.Logs, Encoding.UTF8.GetBytes(json), OtlpLimits.Default, output, out var error));
        Assert.NotEmpty(error);
        Assert.Equal(0, output.WrittenCount);
    }

    [Theory]
    [InlineData("1.7e+18", 1_700_000_000_000_000_000)]
    [InlineData("\"1.7E18\"", 1_700_000_000_000_000_000)]
    [InlineData("5.0", 5L)]
    [InlineData("\"\\u0031\\u0032\"", 12L)]
    [InlineData("5.5", null)]
    [InlineData("1e30", null)]
    public void TryToProtobuf_IntegerInAnotherForm_IsReadWhereItIsWhole(string number, long? expected)
    {
        var json = $"{{\"resourceLogs\":[{{\"scopeLogs\":[{{\"logRecords\":[{{\"timeUnixNano\":{number},\"body\":{{\"intValue\":{number}}}}}]}}]}}]}}";
        var output = new ArrayBufferWriter<byte>();
        Assert.Equal(expected is not null, OtlpJson.TryToProtobuf(OtlpSignal.Logs, Encoding.UTF8.GetBytes(json), OtlpLimits.Default, output, out _));
        if (expected is not null)
        {
            var record = ExportLogsServiceRequest.Parser.ParseFrom(output.WrittenSpan).ResourceLogs[0].ScopeLogs[0].LogRecords[0];
            Assert.Equal(((ulong)expected, expected), (record.TimeUnixNano, record.Body.IntValue));
        }
    }

    [Fact]
    public void TryToProtobuf_DeepNesting_IsRefused()
    {
        var json = "{\"resourceLogs\":[{\"scopeLogs\":[{\"logRecords\":[{\"body\":" + string.Concat(Enumerable.Repeat("{\"arrayValue\":{\"values\":[", 5000));
        Assert.False(OtlpJson.TryToProtobuf(OtlpSignal.Logs, Encoding.UTF8.GetBytes(json), OtlpLimits.Default, new ArrayBufferWriter<byte>(), out _));
    }

    [Fact]
    public void TryToProtobuf_CutAtEveryByte_IsRefused_AndWorksAfterwards()
    {
        var request = RandomOtlp.Logs(4, 2);
        var json = Encoding.UTF8.GetBytes(OracleJson.Write(request, enumsAsNumbers: true).ToJsonString());
        var output = new ArrayBufferWriter<byte>();
        for (var length = 0; length < json.Length; length++)
        {
            Assert.False(OtlpJson.TryToProtobuf(OtlpSignal.Logs, json.AsSpan(0, length), OtlpLimits.Default, output, out _));
        }

        Assert.True(OtlpJson.TryToProtobuf(OtlpSignal.Logs, json, OtlpLimits.Default, output, out _));
        Assert.Equal(request, ExportLogsServiceRequest.Parser.ParseFrom(output.WrittenSpan));
    }
}
