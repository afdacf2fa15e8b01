using System.Buffers.Binary;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Tests.Shared.Otlp;

namespace StellaOps.Telemetry.Crash;

/// <summary>Export requests whose records bear their numbers.</summary>
internal static class OutgoingBatch
{
    private static readonly string s_padding = new('x', 600);

    public static byte[] Of(Signal signal, long first, int count)
    {
        var records = new byte[count][];
        for (var i = 0; i < count; i++)
        {
            var text = Account.TextOf(first + i);
            records[i] = OtlpBytes.Field(2, signal switch
            {
                Signal.Traces => Span(first + i, text),
                Signal.Logs => OtlpBytes.Message(Time(1), OtlpBytes.Field(5, OtlpBytes.Field(1, "hello"u8.ToArray())), OtlpBytes.Attribute(6, "id", text), OtlpBytes.Attribute(6, "pad", s_padding)),
                _ => OtlpBytes.Message(OtlpBytes.Field(1, "requests"u8.ToArray()), OtlpBytes.Field(5, OtlpBytes.Field(1, OtlpBytes.Message(Time(3), OtlpBytes.Attribute(7, "id", text))))),
            });
        }

        return OtlpBytes.Field(1, OtlpBytes.Message(
            OtlpBytes.Field(1, OtlpBytes.Attribute(1, "service.name", "crash")), OtlpBytes.Field(2, OtlpBytes.Message(records))));
    }

    /// <summary>Four spans a trace, so that traces go over several requests.</summary>
    private static byte[] Span(long number, string text)
    {
        var trace = new byte[16];
        BinaryPrimitives.WriteInt64BigEndian(trace, (number / 4) + 1);
        var id = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(id, number);
        return OtlpBytes.Message(
            OtlpBytes.Field(1, trace), OtlpBytes.Field(2, id), OtlpBytes.Field(5, "GET /"u8.ToArray()), Time(7), Time(8), OtlpBytes.Attribute(9, "id", text), OtlpBytes.Attribute(9, "pad", s_padding));
    }

    private static byte[] Time(int field)
    {
        var bytes = new byte[9];
        bytes[0] = (byte)((field << 3) | 1);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(1), 1_700_000_000_000_000_000);
        return bytes;
    }
}
