using System.Buffers;
using System.Text;
using Google.Protobuf;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Tests.Shared.Otlp;
using StellaOps.Telemetry.Tests.Shared.Processes;

namespace StellaOps.Telemetry.Otlp.Tests.Allocation;

/// <summary>What each hot path of the library may allocate for a request of 200 records, in bytes: nothing.</summary>
public sealed class HotPathTests
{
    private const int Records = 200;
    private const long Budget = 0;

    private static readonly int[] s_kept = [0, 2, 5, 120];
    private static readonly AttributeSet?[] s_stamps = [new AttributeSet().Add("stella.sampling.rate", 0.1), null, new AttributeSet().Add("stella.sampling.policy", "errors"), null];

    private readonly ArrayBufferWriter<byte> _output = new(8 << 20);

    public static TheoryData<OtlpSignal> Signals => Oracle.Signals;

    [Theory]
    [MemberData(nameof(Signals))]
    public void Validate(OtlpSignal signal)
    {
        var bytes = Request(signal);
        AssertWithinBudget(() => OtlpRequestValidator.Validate(signal, bytes, OtlpLimits.Default, out _) == OtlpOutcome.Valid);
    }

    [Theory]
    [MemberData(nameof(Signals))]
    public void Read(OtlpSignal signal)
    {
        var bytes = Request(signal);
        AssertWithinBudget(() =>
        {
            var reader = new RecordReader(signal, bytes);
            var key = default(FrameKey);
            while (reader.TryRead(out var record))
            {
                key = CanonicalFrame.KeyOf(in record);
                ResourceView.TryGetServiceName(record.Resource, out _);
            }

            return key != default && !reader.IsMalformed;
        });
    }

    [Theory]
    [MemberData(nameof(Signals))]
    public void WriteFrames(OtlpSignal signal)
    {
        var bytes = Request(signal);
        AssertWithinBudget(() =>
        {
            var reader = new RecordReader(signal, bytes);
            while (reader.TryRead(out var record))
            {
                _output.ResetWrittenCount();
                CanonicalFrame.Write(in record, _output);
            }

            return _output.WrittenCount > 0;
        });
    }

    [Theory]
    [MemberData(nameof(Signals))]
    public void Slice(OtlpSignal signal)
    {
        var bytes = Request(signal);
        AssertWithinBudget(() => OtlpSlicer.Slice(signal, bytes, s_kept, _output) && OtlpSlicer.Slice(signal, bytes, s_kept, s_stamps, _output));
    }

    [Theory]
    [MemberData(nameof(Signals))]
    public void ReadJson(OtlpSignal signal)
    {
        var json = Encoding.UTF8.GetBytes(OracleJson.Write(RandomOtlp.Request((Signal)signal, 1, Records), enumsAsNumbers: true).ToJsonString());
        AssertWithinBudget(() => OtlpJson.TryToProtobuf(signal, json, OtlpLimits.Default, _output, out _));
    }

    private static byte[] Request(OtlpSignal signal) => RandomOtlp.Request((Signal)signal, 1, Records, unknownFields: true).ToByteArray();

    private void AssertWithinBudget(Func<bool> work)
    {
        // Twice before it counts: static fields and pools are filled then.
        for (var i = 0; i < 2; i++)
        {
            _output.ResetWrittenCount();
            Assert.True(work());
        }

        var isDone = true;
        Assert.Equal(Budget, Allocated.BytesOf(() =>
        {
            _output.ResetWrittenCount();
            isDone &= work();
        }));
        Assert.True(isDone);
    }
}
