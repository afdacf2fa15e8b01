namespace StellaOps.Telemetry.IngestGateway.Sampling.State;

/// <summary>What was decided of the last traces, for late spans. Bounded: the oldest decision goes first. In arrays that grow up to the bound.</summary>
internal sealed class DecisionCache(int capacity)
{
    private readonly KeyTable _keys = new();
    private int[] _stamps = new int[256];
    private bool[] _isHeld = new bool[256];
    private int _next;
    private int _used;

    public int Capacity => capacity;

    /// <summary>Remembers a trace, or changes what is remembered of it.</summary>
    public void Set(int tenant, UInt128 traceId, int stamp)
    {
        if (capacity == 0)
        {
            return;
        }

        var slot = _keys.Find(tenant, traceId);
        if (slot < 0)
        {
            slot = TakeSlot();
            _keys.Add(slot, tenant, traceId);
            _isHeld[slot] = true;
        }

        _stamps[slot] = stamp;
    }

    public bool TryGet(int tenant, UInt128 traceId, out int stamp)
    {
        var slot = _keys.Find(tenant, traceId);
        stamp = slot < 0 ? -1 : _stamps[slot];
        return slot >= 0;
    }

    public void Remove(int tenant, UInt128 traceId)
    {
        var slot = _keys.Find(tenant, traceId);
        if (slot >= 0)
        {
            _keys.Remove(slot);
            _isHeld[slot] = false;
        }
    }

    /// <summary>Copies what is remembered, oldest first.</summary>
    public void CopyTo(DecisionCache other)
    {
        for (var i = 0; i < _used; i++)
        {
            var slot = _used == capacity ? (_next + i) % capacity : i;
            if (_isHeld[slot])
            {
                other.Set(_keys.TenantOf(slot), _keys.TraceIdOf(slot), _stamps[slot]);
            }
        }
    }

    private int TakeSlot()
    {
        var slot = _next;
        _next = (_next + 1) % capacity;
        if (slot >= _used)
        {
            _used = slot + 1;
            if (slot >= _stamps.Length)
            {
                Array.Resize(ref _stamps, _stamps.Length * 2);
                Array.Resize(ref _isHeld, _isHeld.Length * 2);
            }
        }
        else if (_isHeld[slot])
        {
            _keys.Remove(slot);
        }

        return slot;
    }
}
