using System.Buffers;
using Google.Protobuf;
using Google.Protobuf.Collections;
using OpenTelemetry.Proto.Collector.Trace.V1;
using OpenTelemetry.Proto.Common.V1;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Otlp.Tests.Records;
using StellaOps.Telemetry.Tests.Shared.Otlp;

namespace StellaOps.Telemetry.Otlp.Tests.Slicing;

public sealed class OtlpSlicerTests
{
    public static TheoryData<OtlpSignal> Signals => Oracle.Signals;

    [Theory]
    [MemberData(nameof(Signals))]
    public void Slice_RandomRecords_EqualsTheOraclePruned(OtlpSignal signal)
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var bytes = RandomOtlp.Request((Signal)signal, seed, 15, unknownFields: seed % 2 == 0).ToByteArray();
            var random = new Random(seed);
            var kept = Enumerable.Range(0, 15).Where(_ => random.Next(3) == 0).ToArray();
            var sliced = Slice(signal, bytes, kept);
            Assert.Equal(Oracle.Keep(signal, bytes, [.. kept]), Oracle.ParserOf(signal).ParseFrom(sliced));
            Assert.Equal(OtlpOutcome.Valid, OtlpRequestValidator.Validate(signal, sliced, OtlpLimits.Default, out var count));
            Assert.Equal(kept.Length, count);
            var all = RecordReaderTests.Frames(signal, bytes, out _);
            Assert.Equal(kept.Select(i => all[i]), RecordReaderTests.Frames(signal, sliced, out _));
        }
    }

    [Theory]
    [MemberData(nameof(Signals))]
    public void Slice_WithAttributes_AppendsThemToEachRecordsOwn(OtlpSignal signal)
    {
        var sets = new[] { new AttributeSet().Add("stella.policy", "erreur é").Add("stella.rate", 0.1), null, new AttributeSet().Add("only", "one") };
        KeyValue[] first = [Text("stella.policy", "erreur é"), new KeyValue { Key = "stella.rate", Value = new AnyValue { DoubleValue = 0.1 } }];
        KeyValue[][] expected = [first, [], [Text("only", "one")]];
        for (var seed = 0; seed < 60; seed++)
        {
            var bytes = RandomOtlp.Request((Signal)signal, seed, 9).ToByteArray();
            var output = new ArrayBufferWriter<byte>();
            Assert.True(OtlpSlicer.Slice(signal, bytes, [1, 4, 8], sets, output));
            var plain = Attributes(Oracle.Keep(signal, bytes, [1, 4, 8]));
            var stamped = Attributes(Oracle.ParserOf(signal).ParseFrom(output.WrittenSpan.ToArray()));
            Assert.Equal(plain.Zip(expected, (own, added) => own.Concat(added).ToArray()), stamped.Select(s => s.ToArray()));
        }
    }

    [Fact]
    public void Slice_CutAtEveryByte_WritesNothingOrAWholeRequest_AndWorksAfterwards()
    {
        var bytes = RandomOtlp.Traces(5, 4, unknownFields: true).ToByteArray();
        var output = new ArrayBufferWriter<byte>();
        for (var length = 0; length < bytes.Length; length++)
        {
            output.ResetWrittenCount();
            if (OtlpSlicer.Slice(OtlpSignal.Traces, bytes.AsSpan(0, length), [0, 3], output))
            {
                ExportTraceServiceRequest.Parser.ParseFrom(output.WrittenSpan);
            }
            else
            {
                Assert.Equal(0, output.WrittenCount);
            }
        }

        output.ResetWrittenCount();
        Assert.True(OtlpSlicer.Slice(OtlpSignal.Traces, bytes, [0, 3], output));
        Assert.Equal(Oracle.Keep(OtlpSignal.Traces, bytes, [0, 3]), ExportTraceServiceRequest.Parser.ParseFrom(output.WrittenSpan));
    }

    [Fact]
    public void Slice_KeepsEveryOtherByte()
    {
        // resource_spans { resource {} (its length in two bytes) scope_spans { spans { name "a" } spans { name "b" } 100: 7 } }
        byte[] request = [0x0A, 0x12, 0x0A, 0x80, 0x00, 0x12, 0x0D, 0x12, 0x03, 0x2A, 0x01, (byte)'a', 0x12, 0x03, 0x2A, 0x01, (byte)'b', 0xA0, 0x06, 0x07];
        Assert.Equal(
            [0x0A, 0x0D, 0x0A, 0x80, 0x00, 0x12, 0x08, 0x12, 0x03, 0x2A, 0x01, (byte)'b', 0xA0, 0x06, 0x07],
            Slice(OtlpSignal.Traces, request, [1]));
    }

    [Fact]
    public void Slice_IndexThatNoRecordHas_WritesNothing()
    {
        var bytes = RandomOtlp.Traces(2, 4).ToByteArray();
        var output = new ArrayBufferWriter<byte>();
        Assert.False(OtlpSlicer.Slice(OtlpSignal.Traces, bytes, [1, 4], output));
        Assert.False(OtlpSlicer.Slice(OtlpSignal.Traces, bytes, [2, 1], output));
        Assert.Equal(0, output.WrittenCount);
        Assert.True(OtlpSlicer.Slice(OtlpSignal.Traces, bytes, [1, 3], output));
    }

    private static byte[] Slice(OtlpSignal signal, byte[] request, int[] indexes)
    {
        var output = new ArrayBufferWriter<byte>();
        Assert.True(OtlpSlicer.Slice(signal, request, indexes, output));
        return output.WrittenSpan.ToArray();
    }

    private static KeyValue Text(string key, string value) => new() { Key = key, Value = new AnyValue { StringValue = value } };

    private static List<RepeatedField<KeyValue>> Attributes(IMessage request) => [.. Oracle.Records(request).Select(r => (RepeatedField<KeyValue>)r.Descriptor.FindFieldByName("attributes").Accessor.GetValue(r))];
}
