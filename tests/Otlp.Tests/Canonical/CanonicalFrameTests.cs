using Google.Protobuf;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Otlp.Tests.Records;
using StellaOps.Telemetry.Tests.Shared.Otlp;

namespace StellaOps.Telemetry.Otlp.Tests.Canonical;

public sealed class CanonicalFrameTests
{
    public static TheoryData<OtlpSignal> Signals => Oracle.Signals;

    [Theory]
    [MemberData(nameof(Signals))]
    public void Write_FrameOfAFramesRecord_IsThatFrame(OtlpSignal signal)
    {
        for (var seed = 0; seed < 100; seed++)
        {
            foreach (var frame in RecordReaderTests.Frames(signal, RandomOtlp.Request((Signal)signal, seed, unknownFields: true).ToByteArray(), out _))
            {
                Assert.Equal(frame, Assert.Single(RecordReaderTests.Frames(signal, frame, out _)));
                Assert.Equal(OtlpOutcome.Valid, OtlpRequestValidator.Validate(signal, frame, OtlpLimits.Default, out var count));
                Assert.Equal(1, count);
                Assert.True(CanonicalFrame.TryReadKey(signal, frame, out _));
            }
        }
    }

    [Fact]
    public void Write_DataPoint_ByteForByte()
    {
        // resource_metrics { scope_metrics { metrics { name "m" sum { points{time 1} points{time 2} temporality 2 } unit "s" } schema_url "z" } }
        byte[] request =
        [
            0x0A, 0x27, 0x12, 0x25,
            0x12, 0x20, 0x0A, 0x01, (byte)'m',
            0x3A, 0x18, 0x0A, 0x09, 0x19, 1, 0, 0, 0, 0, 0, 0, 0, 0x0A, 0x09, 0x19, 2, 0, 0, 0, 0, 0, 0, 0, 0x10, 0x02,
            0x1A, 0x01, (byte)'s',
            0x1A, 0x01, (byte)'z',
        ];
        var frames = RecordReaderTests.Frames(OtlpSignal.Metrics, request, out var malformed);
        Assert.False(malformed);
        Assert.Equal(2, frames.Count);
        Assert.Equal(
            "0A200A00" + "121C" + "0A00" + "1215" + "0A016D" + "3A0D" + "0A09190200000000000000" + "1002" + "1A0173" + "1A017A",
            Convert.ToHexString(frames[1]));
    }

    [Fact]
    public void Compare_OrdersByTimeThenIdsThenBytes()
    {
        byte[] low = [1];
        byte[] high = [2];
        var key = new FrameKey(1, 1, 1);
        Assert.True(CanonicalFrame.Compare(key, high, new FrameKey(2, 0, 0), low) < 0);
        Assert.True(CanonicalFrame.Compare(key, high, new FrameKey(1, 2, 0), low) < 0);
        Assert.True(CanonicalFrame.Compare(key, high, new FrameKey(1, 1, 2), low) < 0);
        Assert.True(CanonicalFrame.Compare(key, low, key, high) < 0);
        Assert.Equal(0, CanonicalFrame.Compare(key, low, key, [1]));
    }

    [Fact]
    public void TryReadKey_TwoRecordsOrNone_IsRefused()
    {
        Assert.False(CanonicalFrame.TryReadKey(OtlpSignal.Traces, [], out _));
        Assert.False(CanonicalFrame.TryReadKey(OtlpSignal.Traces, RandomOtlp.Traces(1, 2).ToByteArray(), out _));
    }
}
