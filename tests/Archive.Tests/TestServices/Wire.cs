using System.Text;

namespace StellaOps.Telemetry.Archive.Tests.TestServices;

/// <summary>Writes the few protobuf fields that the tests need, by hand: an oracle apart from the product's reader.</summary>
internal static class Wire
{
    public static byte[] Message(int field, params byte[][] parts)
    {
        var content = Join(parts);
        return Join([(byte)((field << 3) | 2)], Varint(content.Length), content);
    }

    public static byte[] Text(int field, string text) => Message(field, Encoding.UTF8.GetBytes(text));

    public static byte[] Fixed64(int field, ulong value) => Join([(byte)((field << 3) | 1)], BitConverter.GetBytes(value));

    /// <summary>One resource of a service (null: without a name), one scope, these records.</summary>
    public static byte[] Request(string? service, params byte[][] records)
    {
        var attributes = service is null ? [] : Message(1, Text(1, "service.name"), Message(2, Text(1, service)));
        return Message(1, Message(1, attributes), Message(2, [.. records.Select(r => Message(2, r))]));
    }

    public static byte[] Span(ulong start, int size = 100) => Join(Fixed64(7, start), Text(5, new string('x', size)), Fixed64(8, start + 1000));

    public static byte[] Join(params byte[][] parts) => [.. parts.SelectMany(p => p)];

    private static byte[] Varint(int value)
    {
        var bytes = new List<byte>();
        for (; value > 127; value >>= 7)
        {
            bytes.Add((byte)(value | 128));
        }

        bytes.Add((byte)value);
        return [.. bytes];
    }
}
