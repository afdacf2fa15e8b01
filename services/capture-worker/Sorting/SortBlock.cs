namespace StellaOps.Telemetry.CaptureWorker.Sorting;

/// <summary>Entries in memory, in the order they came until <see cref="Sort"/>.</summary>
internal sealed class SortBlock
{
    private const int FirstBytes = 1024 * 1024;

    private byte[] _bytes = [];
    private Item[] _items = new Item[1024];

    /// <summary>Bytes of its entries.</summary>
    public int Used { get; private set; }

    public int Count { get; private set; }

    /// <summary>Room for one more entry.</summary>
    /// <param name="limit">Grows in steps to this, and beyond it only for one entry that is longer.</param>
    public Span<byte> Add(int length, int limit)
    {
        if (_bytes.Length - Used < length)
        {
            var grown = Math.Max(Used + (long)length, Math.Min(limit, Math.Max(FirstBytes, _bytes.Length * 4L)));
            Array.Resize(ref _bytes, checked((int)grown));
        }

        if (Count == _items.Length)
        {
            Array.Resize(ref _items, Count * 2);
        }

        _items[Count++] = new Item(0, Used);
        var room = _bytes.AsSpan(Used, length);
        Used += length;
        return room;
    }

    public void Sort()
    {
        foreach (ref var item in _items.AsSpan(0, Count))
        {
            item = new Item(new SortEntry(_bytes.AsSpan(item.Offset)).EventTime, item.Offset);
        }

        _items.AsSpan(0, Count).Sort(new Order(_bytes));
    }

    /// <summary>An entry, by its place after <see cref="Sort"/>.</summary>
    public ReadOnlyMemory<byte> EntryAt(int place)
    {
        var offset = _items[place].Offset;
        return _bytes.AsMemory(offset, SortEntry.LengthOf(_bytes.AsSpan(offset)));
    }

    /// <summary>Takes all entries out. A block that grew for a giant gives that back.</summary>
    public void Clear(int limit)
    {
        (Used, Count) = (0, 0);
        if (_bytes.Length > limit)
        {
            _bytes = [];
        }
    }

    /// <summary>A copy with no room to spare.</summary>
    public SortBlock Compact() => new() { _bytes = _bytes[..Used], _items = _items[..Count], Used = Used, Count = Count };

    /// <summary>The time decides most comparisons without a look at the entry.</summary>
    private readonly record struct Item(ulong EventTime, int Offset);

    private readonly struct Order(byte[] bytes) : IComparer<Item>
    {
        public int Compare(Item x, Item y)
        {
            var order = x.EventTime.CompareTo(y.EventTime);
            return order != 0 ? order : SortEntry.Compare(bytes.AsSpan(x.Offset), bytes.AsSpan(y.Offset));
        }
    }
}
