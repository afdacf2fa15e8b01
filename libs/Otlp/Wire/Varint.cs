using System.Runtime.CompilerServices;

namespace StellaOps.Telemetry.Otlp.Wire;

/// <summary>Base-128 varints (https://protobuf.dev/programming-guides/encoding/#varints): one byte nearly always, so that is inlined.</summary>
public static class Varint
{
    private const int MaxBytes = 10;

    /// <summary>Reads one and moves on; false, with no position to go on from, where the data ends within it or it has more than 64 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryRead(ReadOnlySpan<byte> data, ref int position, out ulong value)
    {
        var at = position;
        if ((uint)at < (uint)data.Length && data[at] < 0x80)
        {
            value = data[at];
            position = at + 1;
            return true;
        }

        // Copies, so that the callers' variables stay in registers: only what a call may write has an address.
        var end = ReadLong(data, at, out var longer);
        value = longer;
        position = end;
        return end >= 0;
    }

    /// <summary>Reads the length of what follows, and moves to its first byte; false where less follows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryReadLength(ReadOnlySpan<byte> data, ref int position, out int length)
    {
        var isRead = TryRead(data, ref position, out var value);
        length = (int)value;
        return isRead && value <= (ulong)(data.Length - position);
    }

    /// <summary>The position behind it, or -1.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int ReadLong(ReadOnlySpan<byte> data, int at, out ulong value)
    {
        value = 0;
        for (var i = 0; i < MaxBytes && (uint)at < (uint)data.Length; i++)
        {
            var b = data[at++];
            if (i == MaxBytes - 1 && b > 1)
            {
                return -1;
            }

            value |= (ulong)(b & 0x7F) << (7 * i);
            if (b < 0x80)
            {
                return at;
            }
        }

        return -1;
    }
}
