namespace StellaOps.Telemetry.Archive.Search;

/// <summary>
/// The first hits by their key, each once, of which there are at most so many and so many bytes: what comes behind them is let go, and from
/// there on nothing is taken. Copies are the same hit; one that says why it was kept takes the place of one that does not.
/// </summary>
internal sealed class HitSet(int limit, long maxBytes)
{
    private readonly SortedSet<SearchHit> _hits = new(Comparer<SearchHit>.Create((a, b) => a.Key.CompareTo(b.Key)));
    private int _limit = limit;
    private long _bytes;

    /// <summary>The first key that was let go: what is shown ends before it. Null while nothing was.</summary>
    public HitKey? Cut { get; private set; }

    /// <summary>Whether it has room for no more.</summary>
    public bool IsOver => _limit == 0;

    /// <summary>Whether a hit of this key would be taken.</summary>
    public bool Wants(HitKey key) => Cut is not { } cut || key < cut;

    public void Add(SearchHit hit)
    {
        if (!Wants(hit.Key))
        {
            return;
        }

        if (_hits.TryGetValue(hit, out var known))
        {
            if (known.Stamp is not null || hit.Stamp is null)
            {
                return;
            }

            Remove(known);
        }

        _hits.Add(hit);
        _bytes += hit.Frame.Length;
        while (_hits.Count > _limit || (_bytes > maxBytes && _hits.Count > 1))
        {
            CutAt(_hits.Max!.Key);
        }
    }

    /// <summary>Takes all that another one holds; what that one let go is let go here too.</summary>
    public void Add(HitSet other)
    {
        foreach (var hit in other._hits)
        {
            Add(hit);
        }

        if (other.Cut is { } cut && Wants(cut))
        {
            CutAt(cut);
        }
    }

    /// <summary>Takes those accepted before that moment out, in order.</summary>
    public List<SearchHit> TakeBefore(long acceptedAtUnixNano)
    {
        var taken = _hits.TakeWhile(h => h.Key.AcceptedAtUnixNano < acceptedAtUnixNano).ToList();
        taken.ForEach(Remove);
        _limit -= taken.Count;
        return taken;
    }

    private void CutAt(HitKey key)
    {
        Cut = key;
        while (_hits.Max is { } last && last.Key >= key)
        {
            Remove(last);
        }
    }

    private void Remove(SearchHit hit)
    {
        _hits.Remove(hit);
        _bytes -= hit.Frame.Length;
    }
}
