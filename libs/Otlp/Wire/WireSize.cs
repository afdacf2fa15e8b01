using System.Numerics;

namespace StellaOps.Telemetry.Otlp.Wire;

/// <summary>How long things are on the wire, minimally encoded.</summary>
public static class WireSize
{
    /// <summary>Length of a varint.</summary>
    public static int Varint(ulong value) => (BitOperations.Log2(value | 1) / 7) + 1;

    /// <summary>Length of a field's tag.</summary>
    public static int Tag(int fieldNumber) => Varint((ulong)fieldNumber << 3);

    /// <summary>Length of a whole length-delimited field.</summary>
    public static int LengthDelimited(int fieldNumber, int contentLength) => Tag(fieldNumber) + Varint((ulong)contentLength) + contentLength;
}
