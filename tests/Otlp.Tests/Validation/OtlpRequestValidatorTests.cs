using Google.Protobuf;
using OpenTelemetry.Proto.Collector.Logs.V1;
using OpenTelemetry.Proto.Common.V1;
using OpenTelemetry.Proto.Logs.V1;
using OpenTelemetry.Proto.Trace.V1;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Otlp.Tests.Records;
using StellaOps.Telemetry.Tests.Shared.Otlp;

namespace StellaOps.Telemetry.Otlp.Tests.Validation;

public sealed class OtlpRequestValidatorTests
{
    public static TheoryData<OtlpSignal> Signals => Oracle.Signals;

    [Theory]
    [MemberData(nameof(Signals))]
    public void Validate_RandomRequests_AreValidAndCounted(OtlpSignal signal)
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var request = RandomOtlp.Request((Signal)signal, seed, unknownFields: seed % 2 == 0);
            Assert.Equal(OtlpOutcome.Valid, OtlpRequestValidator.Validate(signal, request.ToByteArray(), OtlpLimits.Default, out var count));
            Assert.Equal(Oracle.Single(request).Count, count);
        }
    }

    [Theory]
    [MemberData(nameof(Signals))]
    public void Validate_ChangedBytes_NeverThrowsAndAgreesWithTheReader(OtlpSignal signal)
    {
        var random = new Random(99);
        var samples = Enumerable.Range(0, 8).Select(seed => RandomOtlp.Request((Signal)signal, seed, 3, unknownFields: true).ToByteArray()).ToArray();
        var outcomes = new HashSet<OtlpOutcome>();
        for (var round = 0; round < 5_000; round++)
        {
            var bytes = round % 10 == 0 ? new byte[random.Next(64)] : samples[round % 8].ToArray();
            for (var changes = random.Next(1, 4); changes > 0 && bytes.Length > 0; changes--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            var outcome = OtlpRequestValidator.Validate(signal, bytes, OtlpLimits.Default, out var count);
            outcomes.Add(outcome);
            var frames = RecordReaderTests.Frames(signal, bytes, out var malformed);
            if (outcome == OtlpOutcome.Valid)
            {
                Assert.False(malformed);
                Assert.Equal(frames.Count, count);
            }
        }

        Assert.Contains(OtlpOutcome.Valid, outcomes);
        Assert.Contains(OtlpOutcome.Malformed, outcomes);
    }

    [Fact]
    public void Validate_NestedValues_AreBounded()
    {
        // request 1, resource group 2, scope group 3, record 4, body 5, then two levels for each array.
        Assert.Equal(OtlpOutcome.Valid, Validate(Nested(10), 25, out _));
        Assert.Equal(OtlpOutcome.TooDeep, Validate(Nested(10), 24, out _));
        Assert.Equal(OtlpOutcome.TooDeep, Validate(Nested(45), 64, out _));
    }

    [Fact]
    public void Validate_ArraysWithinAValue_AreCountedByThemselves()
    {
        var bytes = Nested(10).ToByteArray();
        Assert.Equal(OtlpOutcome.Valid, OtlpRequestValidator.Validate(OtlpSignal.Logs, bytes, new OtlpLimits { MaxValueDepth = 10 }, out _));
        Assert.Equal(OtlpOutcome.TooDeep, OtlpRequestValidator.Validate(OtlpSignal.Logs, bytes, new OtlpLimits { MaxValueDepth = 9 }, out _));
    }

    [Fact]
    public void Validate_TooManyRecords_IsSaid()
    {
        var bytes = RandomOtlp.Logs(1, 10).ToByteArray();
        Assert.Equal(OtlpOutcome.Valid, OtlpRequestValidator.Validate(OtlpSignal.Logs, bytes, new OtlpLimits { MaxRecords = 10 }, out _));
        Assert.Equal(OtlpOutcome.TooManyRecords, OtlpRequestValidator.Validate(OtlpSignal.Logs, bytes, new OtlpLimits { MaxRecords = 9 }, out _));
    }

    [Theory]
    [InlineData(0, OtlpOutcome.Valid)]
    [InlineData(15, OtlpOutcome.Malformed)]
    [InlineData(16, OtlpOutcome.Valid)]
    [InlineData(17, OtlpOutcome.Malformed)]
    public void Validate_TraceIdLength_IsChecked(int length, OtlpOutcome expected)
    {
        var request = new OpenTelemetry.Proto.Collector.Trace.V1.ExportTraceServiceRequest
        {
            ResourceSpans = { new ResourceSpans { ScopeSpans = { new ScopeSpans { Spans = { new Span { TraceId = ByteString.CopyFrom(new byte[length]), Name = "x" } } } } } },
        };
        Assert.Equal(expected, OtlpRequestValidator.Validate(OtlpSignal.Traces, request.ToByteArray(), OtlpLimits.Default, out _));
    }

    [Theory]
    [InlineData("0A060A000A001200")] // two resources
    [InlineData("0A0612040A000A00")] // two scopes
    [InlineData("0801")] // a varint where the groups belong
    [InlineData("0B0C")] // a protobuf group
    [InlineData("0AFFFFFFFF0F")] // a length of 4 GiB
    [InlineData("0AFFFFFFFFFFFFFFFFFFFF")] // a varint without end
    public void Validate_WhatReadersWouldMergeOrMisread_IsMalformed(string hex)
    {
        var bytes = Convert.FromHexString(hex);
        Assert.Equal(OtlpOutcome.Malformed, OtlpRequestValidator.Validate(OtlpSignal.Traces, bytes, OtlpLimits.Default, out _));
        RecordReaderTests.Frames(OtlpSignal.Traces, bytes, out var malformed);
        Assert.True(malformed);
    }

    [Theory]
    [InlineData("caf\u00e9", 0, OtlpOutcome.Valid)]
    [InlineData("caf\u00e9", 1, OtlpOutcome.Malformed)] // cut within the two bytes of the last letter
    public void Validate_StringThatIsNoUtf8_IsMalformed(string text, int cut, OtlpOutcome expected)
    {
        // As key and as value of an attribute, and as a name, which the walk comes to by three ways.
        var content = System.Text.Encoding.UTF8.GetBytes(text)[..^cut];
        byte[] key = OtlpBytes.Message(OtlpBytes.Field(1, content), OtlpBytes.Field(2, OtlpBytes.Field(1, "v"u8.ToArray())));
        byte[] value = OtlpBytes.Message(OtlpBytes.Field(1, "k"u8.ToArray()), OtlpBytes.Field(2, OtlpBytes.Field(1, content)));
        foreach (var span in (byte[][])[OtlpBytes.Field(9, key), OtlpBytes.Field(9, value), OtlpBytes.Field(5, content)])
        {
            var request = OtlpBytes.Field(1, OtlpBytes.Field(2, OtlpBytes.Field(2, span)));
            Assert.Equal(expected, OtlpRequestValidator.Validate(OtlpSignal.Traces, request, OtlpLimits.Default, out _));
        }
    }

    private static OtlpOutcome Validate(ExportLogsServiceRequest request, int depth, out int count) =>
        OtlpRequestValidator.Validate(OtlpSignal.Logs, request.ToByteArray(), new OtlpLimits { MaxDepth = depth }, out count);

    private static ExportLogsServiceRequest Nested(int arrays)
    {
        var value = new AnyValue { StringValue = "deep" };
        for (var i = 0; i < arrays; i++)
        {
            value = new AnyValue { ArrayValue = new ArrayValue { Values = { value } } };
        }

        return new ExportLogsServiceRequest { ResourceLogs = { new ResourceLogs { ScopeLogs = { new ScopeLogs { LogRecords = { new LogRecord { Body = value } } } } } } };
    }
}
