using System.IO.Hashing;
using System.Numerics;

namespace StellaOps.Telemetry.IngestGateway.Sampling.Policies;

/// <summary>The text conditions on one key, by value: what a text costs does not depend on how many policies wait for another one.</summary>
internal sealed class TextConditions
{
    private readonly long _seed = Random.Shared.NextInt64();
    private readonly int[] _buckets;
    private readonly List<(byte[] Value, List<int> Bits)> _values = [];

    public TextConditions(IEnumerable<TextCondition> conditions)
    {
        var pairs = conditions.SelectMany(c => c.Values.Select(v => (Value: v, c.Bit))).ToList();
        _buckets = new int[(int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(2, pairs.Count * 2))];
        foreach (var (value, bit) in pairs)
        {
            if (!TryFind(value, out var at))
            {
                _values.Add((value, []));
                _buckets[at] = _values.Count;
            }

            _values[_buckets[at] - 1].Bits.Add(bit);
        }
    }

    public void Match(ReadOnlySpan<byte> text, Span<ulong> bits)
    {
        if (_values.Count == 0 || text.IsEmpty || !TryFind(text, out var at))
        {
            return;
        }

        foreach (var bit in _values[_buckets[at] - 1].Bits)
        {
            bits[bit >> 6] |= 1ul << bit;
        }
    }

    /// <param name="at">The bucket that holds the value, or would.</param>
    private bool TryFind(ReadOnlySpan<byte> value, out int at)
    {
        for (at = (int)XxHash3.HashToUInt64(value, _seed) & (_buckets.Length - 1); _buckets[at] != 0; at = (at + 1) & (_buckets.Length - 1))
        {
            if (value.SequenceEqual(_values[_buckets[at] - 1].Value))
            {
                return true;
            }
        }

        return false;
    }
}
