using Google.Protobuf;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Tests.Shared.Otlp;

namespace StellaOps.Telemetry.Otlp.FuzzTests.Checks;

/// <summary>What the mutations start from.</summary>
internal static class Samples
{
    public static OtlpSignal Signal(Random random) => (OtlpSignal)random.Next(1, 4);

    /// <summary>A valid request, of one of two generators.</summary>
    public static IMessage Request(OtlpSignal signal, Random random, bool unknownFields) => random.Next(3) > 0
        ? RandomOtlp.Request((Signal)signal, random.Next(), random.Next(1, 5), unknownFields)
        : DescriptorOtlp.Some(signal, random.Next());

    /// <summary>What stock protobuf reads, or null.</summary>
    public static IMessage? Parse(OtlpSignal signal, ReadOnlySpan<byte> bytes) => Parse(signal, bytes, out _);

    /// <summary>As above, and why not.</summary>
    public static IMessage? Parse(OtlpSignal signal, ReadOnlySpan<byte> bytes, out string? error)
    {
        try
        {
            error = null;
            return Oracle.ParserOf(signal).ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException e)
        {
            error = e.Message;
            return null;
        }
    }
}
