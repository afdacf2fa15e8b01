using System.Buffers.Binary;

namespace StellaOps.Telemetry.Redaction.Scanning;

/// <summary>A hash of a text's length and of some of its bytes, for tables that compare the whole anyway: a bad hash costs time only.</summary>
internal static class QuickHash
{
    private const ulong Prime = 0x9E3779B97F4A7C15;

    public static uint Of(ReadOnlySpan<byte> text)
    {
        ulong hash = (uint)text.Length;
        if (text.Length >= 8)
        {
            hash = (hash ^ BinaryPrimitives.ReadUInt64LittleEndian(text)) * Prime;
            hash ^= hash >> 32;
            hash = (hash ^ BinaryPrimitives.ReadUInt64LittleEndian(text[(text.Length - 8)..])) * Prime;
            hash ^= hash >> 32;
            hash = (hash ^ BinaryPrimitives.ReadUInt64LittleEndian(text[((text.Length - 8) / 2)..])) * Prime;
        }
        else
        {
            foreach (var b in text)
            {
                hash = (hash ^ b) * Prime;
            }
        }

        return (uint)(hash >> 32);
    }
}
