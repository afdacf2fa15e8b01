using System.Runtime.CompilerServices;

namespace StellaOps.Telemetry.IngestGateway.Sampling.State;

/// <summary>Records that stand together in a batch.</summary>
/// <param name="Sequence">The low 32 bits.</param>
internal record struct RecordRun(uint Sequence, int Index, int Length, int Next) : IListNode;

/// <summary>Features and places of an undecided trace.</summary>
internal struct TraceState
{
    public long FirstAcceptedAt;
    public ulong MinStart;
    public ulong MaxEnd;

    /// <summary>Hash of the first service's name; the others are in a list.</summary>
    public ulong Service;
    public int MoreServices;
    public int SpanCount;
    public uint StatusCodes;
    public int FirstRun;
    public int LastRun;
    public int Older;
    public int Newer;

    /// <summary>More services than are remembered: any could be among them.</summary>
    public bool HasManyServices;
}

/// <summary>
/// The undecided traces, oldest first by when their first record was accepted. All in arrays: no object per trace or record, since at 100,000
/// spans a second the collector would have to trace them all, and they all live for just as long as a collection hurts.
/// </summary>
internal sealed class TraceTable
{
    /// <summary>A sender could put a million services into one trace.</summary>
    private const int MaxServices = 32;

    private readonly KeyTable _keys = new();
    private readonly NodePool<RecordRun> _runs = new();
    private readonly NodePool<ServiceNode> _services = new();
    private TraceState[] _traces = new TraceState[256];
    private ulong[] _matches = [];
    private int _matchWords;
    private int _used;
    private int _free = -1;
    private int _oldest = -1;
    private int _newest = -1;

    public int Count => _keys.Count;

    /// <summary>What the traces take, without what stands free for the next.</summary>
    public long Bytes =>
        ((long)Count * (KeyTable.BytesPerKey + Unsafe.SizeOf<TraceState>() + (_matchWords * sizeof(ulong))))
        + ((long)_runs.Count * Unsafe.SizeOf<RecordRun>()) + ((long)_services.Count * Unsafe.SizeOf<ServiceNode>());

    /// <summary>-1 when there is none.</summary>
    public int Oldest => _oldest;

    public ref TraceState this[int slot] => ref _traces[slot];

    public int TenantOf(int slot) => _keys.TenantOf(slot);

    public UInt128 TraceIdOf(int slot) => _keys.TraceIdOf(slot);

    /// <summary>The next younger trace, or -1.</summary>
    public int NewerThan(int slot) => _traces[slot].Newer;

    public Span<ulong> MatchesOf(int slot) => _matches.AsSpan(slot * _matchWords, _matchWords);

    /// <summary>The slot, or -1.</summary>
    public int Find(int tenant, UInt128 traceId) => _keys.Find(tenant, traceId);

    /// <summary>Empties the table, for conditions of so many words.</summary>
    public void Reset(int matchWords)
    {
        _keys.Clear();
        _runs.Clear();
        _services.Clear();
        _matchWords = matchWords;
        _matches = new ulong[_traces.Length * matchWords];
        (_used, _free, _oldest, _newest) = (0, -1, -1, -1);
    }

    /// <summary>Adds a trace that is not there, as the youngest.</summary>
    public int Add(int tenant, UInt128 traceId, long acceptedAt, ulong service)
    {
        var slot = _free;
        if (slot >= 0)
        {
            _free = _traces[slot].Newer;
        }
        else
        {
            if (_used == _traces.Length)
            {
                Array.Resize(ref _traces, _traces.Length * 2);
                Array.Resize(ref _matches, _traces.Length * _matchWords);
            }

            slot = _used++;
        }

        _traces[slot] = new TraceState
        {
            FirstAcceptedAt = acceptedAt,
            MinStart = ulong.MaxValue,
            Service = service,
            MoreServices = -1,
            FirstRun = -1,
            LastRun = -1,
            Older = _newest,
            Newer = -1,
        };
        MatchesOf(slot).Clear();
        if (_newest >= 0)
        {
            _traces[_newest].Newer = slot;
        }
        else
        {
            _oldest = slot;
        }

        _newest = slot;
        _keys.Add(slot, tenant, traceId);
        return slot;
    }

    /// <summary>Notes a record's place; one right behind the last costs nothing.</summary>
    public void AddRecord(int slot, uint sequence, int index)
    {
        ref var trace = ref _traces[slot];
        if (trace.LastRun >= 0)
        {
            ref var last = ref _runs[trace.LastRun];
            if (last.Sequence == sequence && last.Index + last.Length == index)
            {
                last.Length++;
                return;
            }
        }

        var run = _runs.Add(new RecordRun(sequence, index, 1, -1));
        if (trace.LastRun >= 0)
        {
            _runs[trace.LastRun].Next = run;
        }
        else
        {
            trace.FirstRun = run;
        }

        trace.LastRun = run;
    }

    public void AddService(int slot, ulong service)
    {
        ref var trace = ref _traces[slot];
        if (trace.Service == service || trace.HasManyServices)
        {
            return;
        }

        var count = 1;
        for (var node = trace.MoreServices; node >= 0; node = _services[node].Next)
        {
            if (_services[node].Hash == service)
            {
                return;
            }

            count++;
        }

        if (count == MaxServices)
        {
            trace.HasManyServices = true;
            return;
        }

        trace.MoreServices = _services.Add(new ServiceNode(service, trace.MoreServices));
    }

    /// <summary>Walks a trace's services: begin with -1.</summary>
    public bool TryNextService(int slot, ref int node, out ulong service)
    {
        if (node == -1)
        {
            (service, node) = (_traces[slot].Service, -2);
            return true;
        }

        var next = node == -2 ? _traces[slot].MoreServices : _services[node].Next;
        if (next < 0)
        {
            service = 0;
            return false;
        }

        (service, node) = (_services[next].Hash, next);
        return true;
    }

    /// <summary>Takes the trace's first run out; false when none is left.</summary>
    public bool TryTakeRun(int slot, out RecordRun run)
    {
        ref var trace = ref _traces[slot];
        if (trace.FirstRun < 0)
        {
            run = default;
            return false;
        }

        run = _runs[trace.FirstRun];
        _runs.Free(trace.FirstRun);
        trace.FirstRun = run.Next;
        return true;
    }

    /// <summary>Removes a trace whose runs were taken out.</summary>
    public void Remove(int slot)
    {
        ref var trace = ref _traces[slot];
        for (var node = trace.MoreServices; node >= 0;)
        {
            var next = _services[node].Next;
            _services.Free(node);
            node = next;
        }

        if (trace.Older >= 0)
        {
            _traces[trace.Older].Newer = trace.Newer;
        }
        else
        {
            _oldest = trace.Newer;
        }

        if (trace.Newer >= 0)
        {
            _traces[trace.Newer].Older = trace.Older;
        }
        else
        {
            _newest = trace.Older;
        }

        _keys.Remove(slot);
        trace.Newer = _free;
        _free = slot;
    }

    private record struct ServiceNode(ulong Hash, int Next) : IListNode;
}
