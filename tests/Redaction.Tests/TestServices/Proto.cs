using System.Buffers.Binary;
using System.Text;

namespace StellaOps.Telemetry.Redaction.Tests.TestServices;

/// <summary>Writes protobuf fields by number, so that a test can put anything anywhere, also what no schema knows.</summary>
internal static class Proto
{
    public static byte[] Msg(params byte[][] fields) => fields.SelectMany(f => f).ToArray();

    public static byte[] Len(int field, byte[] content) => [.. Varint(((ulong)field << 3) | 2), .. Varint((ulong)content.Length), .. content];

    public static byte[] Str(int field, string text) => Len(field, Encoding.UTF8.GetBytes(text));

    public static byte[] Int(int field, long value) => [.. Varint((ulong)field << 3), .. Varint((ulong)value)];

    public static byte[] Fixed64(int field, ulong value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        return [.. Varint(((ulong)field << 3) | 1), .. bytes];
    }

    public static byte[] Double(int field, double value) => Fixed64(field, BitConverter.DoubleToUInt64Bits(value));

    public static byte[] Attribute(int field, string key, byte[] anyValue) => Len(field, Msg(Str(1, key), Len(2, anyValue)));

    public static byte[] Text(string text) => Str(1, text);

    private static byte[] Varint(ulong value)
    {
        var bytes = new List<byte>();
        while (value >= 0x80)
        {
            bytes.Add((byte)(value | 0x80));
            value >>= 7;
        }

        bytes.Add((byte)value);
        return [.. bytes];
    }
}
