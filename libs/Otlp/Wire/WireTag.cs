namespace StellaOps.Telemetry.Otlp.Wire;

/// <summary>Bits of a field's tag: its number, and in the lower three its wire type. For the labels of a switch.</summary>
internal static class WireTag
{
    /// <summary>How far the number is shifted.</summary>
    public const int Shift = 3;

    public const uint Varint = (uint)WireType.Varint;

    public const uint Fixed64 = (uint)WireType.Fixed64;

    public const uint LengthDelimited = (uint)WireType.LengthDelimited;
}
