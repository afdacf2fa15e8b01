namespace StellaOps.Telemetry.IngestGateway.Sampling.State;

/// <summary>A node of a list; <see cref="Next"/> is an index, -1 at the end.</summary>
internal interface IListNode
{
    int Next { get; set; }
}

/// <summary>Nodes of many short lists in one array, with a free list: no object per node, and nothing to collect.</summary>
internal sealed class NodePool<T>
    where T : struct, IListNode
{
    private T[] _nodes = new T[256];
    private int _used;
    private int _free = -1;

    /// <summary>Nodes in lists.</summary>
    public int Count { get; private set; }

    public ref T this[int node] => ref _nodes[node];

    public int Add(in T node)
    {
        int at;
        if (_free >= 0)
        {
            at = _free;
            _free = _nodes[at].Next;
        }
        else
        {
            if (_used == _nodes.Length)
            {
                Array.Resize(ref _nodes, _nodes.Length * 2);
            }

            at = _used++;
        }

        _nodes[at] = node;
        Count++;
        return at;
    }

    /// <summary>Frees one node, which nothing points to any more.</summary>
    public void Free(int node)
    {
        _nodes[node].Next = _free;
        _free = node;
        Count--;
    }

    /// <summary>Frees all at once.</summary>
    public void Clear() => (_used, _free, Count) = (0, -1, 0);
}
