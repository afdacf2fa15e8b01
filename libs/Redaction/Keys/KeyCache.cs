using StellaOps.Telemetry.Redaction.Scanning;

namespace StellaOps.Telemetry.Redaction.Keys;

/// <summary>
/// One thread's memory of keys' verdicts: a sender uses the same few keys again and again, mostly in the same order. A fixed table, so senders
/// of ever new keys cost time, not memory.
/// </summary>
internal sealed class KeyCache
{
    // With keys of 30 bytes about 200 KiB; with the longest 350.
    private const int Slots = 2048;
    private const int LongestKey = 128;

    private readonly Entry?[] _slots = new Entry?[Slots];
    private Entry? _last;

    public bool TryGet(ReadOnlySpan<byte> key, out KeyVerdict verdict)
    {
        // What came after the key before, the last time?
        var last = _last;
        if (last?.Next is { IsReplaced: false } guess && key.SequenceEqual(guess.Key))
        {
            _last = guess;
            verdict = guess.Verdict;
            return true;
        }

        var slot = SlotOf(key);
        var entry = _slots[slot];
        if (entry is null || !key.SequenceEqual(entry.Key))
        {
            entry = _slots[slot ^ 1];
            if (entry is null || !key.SequenceEqual(entry.Key))
            {
                verdict = default;
                return false;
            }
        }

        last?.Next = entry;
        _last = entry;
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
        if (_slots[slot] is not null && _slots[slot ^ 1] is null)
        {
            slot ^= 1;
        }

        // Others may point to the entry that goes; it must keep no further ones in memory, and be found no more.
        if (_slots[slot] is { } old)
        {
            old.Next = null;
            old.IsReplaced = true;
        }

        _slots[slot] = new Entry(key.ToArray(), verdict);
    }

    private static int SlotOf(ReadOnlySpan<byte> key) => (int)(QuickHash.Of(key) % Slots);

    private sealed class Entry(byte[] key, KeyVerdict verdict)
    {
        public byte[] Key => key;

        public KeyVerdict Verdict => verdict;

        public Entry? Next { get; set; }

        public bool IsReplaced { get; set; }
    }
}
