using StellaOps.Telemetry.Archive.Segments;

namespace StellaOps.Telemetry.Archive.Search;

/// <summary>
/// Puts the hits of segments that are read at once into the order of acceptance: a hit is shown when every segment that may hold an earlier one,
/// or a copy of it, has been read. Not for use by two threads at once.
/// </summary>
/// <param name="segments">By accepted-at of their first frame.</param>
internal sealed class HitMerge(IReadOnlyList<ChunkManifest> segments, HitSet hits)
{
    private readonly bool[] _isDone = new bool[segments.Count];
    private int _firstOpen;

    /// <summary>Whether a segment can still hold something that would be shown.</summary>
    public bool Needs(int segment) => !hits.IsOver && (hits.Cut is not { } cut || segments[segment].AcceptedFromUnixNano <= cut.AcceptedAtUnixNano);

    /// <summary>Takes a segment's hits, and gives those that can be shown now.</summary>
    public List<SearchHit> Complete(int segment, HitSet found)
    {
        hits.Add(found);
        _isDone[segment] = true;
        while (_firstOpen < _isDone.Length && _isDone[_firstOpen])
        {
            _firstOpen++;
        }

        return hits.TakeBefore(_firstOpen < segments.Count ? segments[_firstOpen].AcceptedFromUnixNano : long.MaxValue);
    }
}
