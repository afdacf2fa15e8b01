using System.Text;
using StellaOps.Telemetry.Contracts;

namespace StellaOps.Telemetry.Tests.Shared.Otlp;

/// <summary>Small Export requests, written by hand so that no library of ours judges itself.</summary>
public static class OtlpBytes
{
    /// <summary>One resource, one scope, so many records; each with an attribute of so many bytes.</summary>
    public static byte[] Request(Signal signal, int records = 1, int padding = 10, char fill = 'x')
    {
        var record = signal switch
        {
            Signal.Traces => Message(
                Field(1, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]), Field(2, [1, 2, 3, 4, 5, 6, 7, 8]), Field(5, "GET /"u8.ToArray()),
                Fixed64(7, 1_700_000_000_000_000_000), Fixed64(8, 1_700_000_000_100_000_000), Attribute(9, "pad", new string(fill, padding))),
            Signal.Logs => Message(Fixed64(1, 1_700_000_000_000_000_000), Field(5, Field(1, "hello"u8.ToArray())), Attribute(6, "pad", new string(fill, padding))),
            _ => Message(
                Field(1, "requests"u8.ToArray()),
                Field(5, Field(1, Message(Fixed64(3, 1_700_000_000_000_000_000), Fixed64(6, 5), Attribute(7, "pad", new string(fill, padding)))))),
        };
        var scope = Enumerable.Repeat(Field(2, record), records).SelectMany(f => f).ToArray();
        return Field(1, Message(Field(1, Attribute(1, "service.name", "checkout")), Field(2, scope)));
    }

    /// <summary>A span whose attribute nests arrays so deeply.</summary>
    public static byte[] Deep(int depth)
    {
        var value = Field(1, "leaf"u8.ToArray());
        for (var i = 0; i < depth; i++)
        {
            value = Field(5, Field(1, value));
        }

        var span = Message(Field(1, new byte[16]), Field(2, new byte[8]), Field(9, Message(Field(1, "deep"u8.ToArray()), Field(2, value))));
        return Field(1, Field(2, Field(2, span)));
    }

    public static byte[] Attribute(int field, string key, string value) =>
        Field(field, Message(Field(1, Encoding.UTF8.GetBytes(key)), Field(2, Field(1, Encoding.UTF8.GetBytes(value)))));

    public static byte[] Message(params byte[][] fields) => [.. fields.SelectMany(f => f)];

    public static byte[] Field(int number, byte[] content) => [.. Varint((uint)((number << 3) | 2)), .. Varint((uint)content.Length), .. content];

    private static byte[] Fixed64(int number, ulong value) => [(byte)((number << 3) | 1), .. BitConverter.GetBytes(value)];

    private static byte[] Varint(uint value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7)
        {
            bytes.Add((byte)(value | 0x80));
        }

        bytes.Add((byte)value);
        return [.. bytes];
    }
}
