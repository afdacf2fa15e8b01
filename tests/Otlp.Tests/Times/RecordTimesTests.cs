using Google.Protobuf;
using Google.Protobuf.Reflection;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Tests.Shared.Otlp;

namespace StellaOps.Telemetry.Otlp.Tests.Times;

public sealed class RecordTimesTests
{
    private const long Hour = 3_600_000_000_000;

    public static TheoryData<OtlpSignal> Signals => Oracle.Signals;

    /// <summary>By the descriptors: every field of that name in every message, and no other byte.</summary>
    [Theory]
    [MemberData(nameof(Signals))]
    public void TryShift_EveryFieldSet_EqualsTheOracleAndComesBack(OtlpSignal signal)
    {
        var shifted = 0;
        for (var seed = 0; seed < 100; seed++)
        {
            IMessage request = seed % 2 == 0 ? DescriptorOtlp.Full(signal, seed) : RandomOtlp.Request((Signal)signal, seed, 8, unknownFields: true);
            Clamp(request);
            var bytes = request.ToByteArray();
            var before = bytes.ToArray();

            Assert.True(RecordTimes.TryShift(signal, bytes, Hour));

            shifted += Shift(request, Hour);
            Assert.Equal(request.ToByteArray(), bytes);
            Assert.True(RecordTimes.TryShift(signal, bytes, -Hour));
            Assert.Equal(before, bytes);
        }

        Assert.True(shifted > 500);
    }

    [Theory]
    [InlineData(1ul, -1L)]
    [InlineData(long.MaxValue, 1L)]
    [InlineData(ulong.MaxValue, -1L)]
    public void TryShift_BeyondWhatIsATime_IsRefused(ulong time, long by) => Assert.False(RecordTimes.TryShift(OtlpSignal.Logs, LogAt(time), by));

    [Fact]
    public void TryShift_NoTime_StaysNone()
    {
        var bytes = LogAt(0);

        Assert.True(RecordTimes.TryShift(OtlpSignal.Logs, bytes, Hour));

        Assert.Equal(LogAt(0), bytes);
    }

    [Theory]
    [MemberData(nameof(Signals))]
    public void TryShift_CutAnywhere_IsRefusedOrShifted(OtlpSignal signal)
    {
        var bytes = DescriptorOtlp.Full(signal, 3).ToByteArray();
        for (var length = 0; length < bytes.Length; length++)
        {
            var cut = bytes[..length];
            if (RecordTimes.TryShift(signal, cut, 0))
            {
                Assert.Equal(bytes[..length], cut);
            }
        }
    }

    /// <summary>logs_data { resource_logs { scope_logs { log_record { fixed64 time = 1 } } } }.</summary>
    private static byte[] LogAt(ulong time)
    {
        byte[] record = [0x09, .. BitConverter.GetBytes(time)];
        return OtlpBytes.Field(1, OtlpBytes.Field(2, OtlpBytes.Field(2, record)));
    }

    private static bool IsTime(FieldDescriptor field) => field.FieldType == FieldType.Fixed64 && field.Name.EndsWith("time_unix_nano", StringComparison.Ordinal);

    /// <summary>Random bits are no times: they are brought to where a time can be.</summary>
    private static void Clamp(IMessage message) => Change(message, time => time == 0 ? 0 : ((time % (1ul << 61)) | (1ul << 60)));

    private static int Shift(IMessage message, long by) => Change(message, time => time == 0 ? 0 : (ulong)((long)time + by));

    private static int Change(IMessage message, Func<ulong, ulong> change)
    {
        var changed = 0;
        foreach (var field in message.Descriptor.Fields.InFieldNumberOrder())
        {
            if (IsTime(field))
            {
                var before = (ulong)field.Accessor.GetValue(message);
                field.Accessor.SetValue(message, change(before));
                changed += before == 0 ? 0 : 1;
            }
            else if (field.FieldType == FieldType.Message)
            {
                foreach (var child in field.IsRepeated ? ((System.Collections.IEnumerable)field.Accessor.GetValue(message)).Cast<IMessage>() : field.Accessor.GetValue(message) is IMessage one ? [one] : [])
                {
                    changed += Change(child, change);
                }
            }
        }

        return changed;
    }
}
