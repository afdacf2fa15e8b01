using System.Buffers.Binary;

namespace StellaOps.Telemetry.Redaction.Keys;

/// <summary>
/// Remembers verdicts of keys: a sender uses the same few keys again and again. A fixed table, so senders of ever new keys cost time, not memory.
/// </summary>
internal sealed class KeyCache
{
    private const int Slots = 4096;
    private const int LongestKey = 128;

    // Entries are immutable and published by one reference write; a lost race only means another look-up.
    private readonly Entry?[] _slots = new Entry?[Slots];

    public bool TryGet(ReadOnlySpan<byte> key, out KeyVerdict verdict)
    {
        var slot = SlotOf(key);
        var entry = Volatile.Read(ref _slots[slot]);
        if (entry is null || !key.SequenceEqual(entry.Key))
        {
            entry = Volatile.Read(ref _slots[slot ^ 1]);
            if (entry is null || !key.SequenceEqual(entry.Key))
            {
                verdict = default;
                return false;
            }
        }

        verdict = entry.Verdict;
        return true;
    }

    public void Add(ReadOnlySpan<byte> key, KeyVerdict verdict)
    {
        if (key.Length > LongestKey)
        {
            return;
        }

        var slot = SlotOf(key);
        if (Volatile.Read(ref _slots[slot]) is not null && Volatile.Read(ref _slots[slot ^ 1]) is null)
        {
            slot ^= 1;
        }

        Volatile.Write(ref _slots[slot], new Entry(key.ToArray(), verdict));
    }

    private static int SlotOf(ReadOnlySpan<byte> key)
    {
        ulong hash = (uint)key.Length;
        var rest = key;
        while (rest.Length >= 8)
        {
            hash = (hash ^ BinaryPrimitives.ReadUInt64LittleEndian(rest)) * 0x9E3779B97F4A7C15;
            hash ^= hash >> 29;
            rest = rest[8..];
        }

        foreach (var b in rest)
        {
            hash = (hash ^ b) * 0x100000001B3;
        }

        hash *= 0x9E3779B97F4A7C15;
        return (int)(hash >> 52);
    }

    private sealed record Entry(byte[] Key, KeyVerdict Verdict);
}
