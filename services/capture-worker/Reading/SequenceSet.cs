namespace StellaOps.Telemetry.CaptureWorker.Reading;

/// <summary>Which places of gateways' logs were seen: a bit each, in pages, since a log has no holes and a window is a stretch of it.</summary>
internal sealed class SequenceSet
{
    private const int PageBits = 16;

    private readonly Dictionary<(int Gateway, ulong Page), ulong[]> _pages = [];

    /// <summary>Adds a place; false when it is there.</summary>
    public bool Add(int gateway, ulong sequence)
    {
        var key = (gateway, sequence >> PageBits);
        if (!_pages.TryGetValue(key, out var page))
        {
            _pages.Add(key, page = new ulong[1 << (PageBits - 6)]);
        }

        ref var word = ref page[(sequence >> 6) & ((1 << (PageBits - 6)) - 1)];
        var bit = 1UL << (int)(sequence & 63);
        var isNew = (word & bit) == 0;
        word |= bit;
        return isNew;
    }
}
