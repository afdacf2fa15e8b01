using System.IO.Hashing;
using System.Numerics;

namespace StellaOps.Telemetry.IngestGateway.Sampling.Policies;

/// <summary>
/// Numbers byte strings from 0, in the order given: open addressing, linear probing, at most a quarter full. What is looked for comes from senders, so the hash
/// is seeded.
/// </summary>
internal sealed class BytesTable
{
    private readonly long _seed = Random.Shared.NextInt64();
    private readonly int[] _buckets;
    private readonly byte[][] _keys;

    /// <param name="keys">Each once.</param>
    public BytesTable(IReadOnlyList<byte[]> keys)
    {
        _keys = [.. keys];
        _buckets = new int[(int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(4, _keys.Length * 4))];
        for (var i = 0; i < _keys.Length; i++)
        {
            var at = BucketOf(_keys[i]);
            while (_buckets[at] != 0)
            {
                at = (at + 1) & (_buckets.Length - 1);
            }

            _buckets[at] = i + 1;
        }
    }

    public int Count => _keys.Length;

    /// <summary>The key's number, or -1.</summary>
    public int Find(ReadOnlySpan<byte> key)
    {
        for (var at = BucketOf(key); _buckets[at] != 0; at = (at + 1) & (_buckets.Length - 1))
        {
            if (key.SequenceEqual(_keys[_buckets[at] - 1]))
            {
                return _buckets[at] - 1;
            }
        }

        return -1;
    }

    private int BucketOf(ReadOnlySpan<byte> key) => (int)XxHash3.HashToUInt64(key, _seed) & (_buckets.Length - 1);
}
