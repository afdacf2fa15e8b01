using System.Numerics;

namespace StellaOps.Telemetry.IngestGateway.Sampling.State;

/// <summary>
/// Finds slots by tenant and trace id: open addressing, linear probing, at most half full. Holds the keys, no objects. Ids come from senders, so
/// the hash is seeded: nobody can choose ids that meet.
/// </summary>
internal sealed class KeyTable
{
    /// <summary>Memory for one key.</summary>
    public const int BytesPerKey = 24 + (2 * sizeof(int));

    private readonly ulong _seed = (ulong)Random.Shared.NextInt64() | 1;
    private Key[] _keys = new Key[256];
    private int[] _buckets = new int[512];

    public int Count { get; private set; }

    public UInt128 TraceIdOf(int slot) => new(_keys[slot].High, _keys[slot].Low);

    public int TenantOf(int slot) => _keys[slot].Tenant;

    /// <summary>The slot, or -1.</summary>
    public int Find(int tenant, UInt128 traceId)
    {
        var key = new Key((ulong)(traceId >> 64), (ulong)traceId, tenant);
        for (var at = BucketOf(key); _buckets[at] != 0; at = (at + 1) & (_buckets.Length - 1))
        {
            var slot = _buckets[at] - 1;
            ref var found = ref _keys[slot];
            if (found.Low == key.Low && found.High == key.High && found.Tenant == tenant)
            {
                return slot;
            }
        }

        return -1;
    }

    /// <summary>Adds a key that is not there. The slot is the caller's to choose.</summary>
    public void Add(int slot, int tenant, UInt128 traceId)
    {
        if (slot >= _keys.Length)
        {
            Array.Resize(ref _keys, (int)BitOperations.RoundUpToPowerOf2((uint)slot + 1));
        }

        _keys[slot] = new Key((ulong)(traceId >> 64), (ulong)traceId, tenant);
        if (++Count * 2 > _buckets.Length)
        {
            Rehash();
        }

        Place(slot);
    }

    public void Remove(int slot)
    {
        var mask = _buckets.Length - 1;
        var at = BucketOf(_keys[slot]);
        while (_buckets[at] != slot + 1)
        {
            at = (at + 1) & mask;
        }

        // What follows moves back, unless it stands where it belongs already: no tombstones, and so no decay.
        for (var next = (at + 1) & mask; _buckets[next] != 0; next = (next + 1) & mask)
        {
            var home = BucketOf(_keys[_buckets[next] - 1]);
            if (((next - home) & mask) >= ((next - at) & mask))
            {
                _buckets[at] = _buckets[next];
                at = next;
            }
        }

        _buckets[at] = 0;
        Count--;
    }

    public void Clear()
    {
        Array.Clear(_buckets);
        Count = 0;
    }

    private void Rehash()
    {
        var old = _buckets;
        _buckets = new int[old.Length * 2];
        foreach (var entry in old)
        {
            if (entry != 0)
            {
                Place(entry - 1);
            }
        }
    }

    private void Place(int slot)
    {
        var at = BucketOf(_keys[slot]);
        while (_buckets[at] != 0)
        {
            at = (at + 1) & (_buckets.Length - 1);
        }

        _buckets[at] = slot + 1;
    }

    private int BucketOf(in Key key)
    {
        var high = Math.BigMul(key.Low ^ _seed, (key.High + (ulong)key.Tenant) ^ 0x9E37_79B9_7F4A_7C15, out var low);
        high = Math.BigMul(high ^ low ^ _seed, 0xD6E8_FEB8_6659_FD93, out low);
        return (int)(high ^ low) & (_buckets.Length - 1);
    }

    private readonly record struct Key(ulong High, ulong Low, int Tenant);
}
