namespace StellaOps.Telemetry.Redaction;

/// <summary>What happened in the record, resource or scope that is being redacted, for its summary.</summary>
internal sealed class RedactionNotes
{
    /// <summary>A list of keys names so many at most: a sender cannot make a summary longer than its record.</summary>
    private const int MostKeys = 64;

    private readonly (int Start, int Length, bool IsDropped)[] _keys = new (int, int, bool)[MostKeys];
    private int _keyCount;

    /// <summary>Values that were changed.</summary>
    public int Masked { get; set; }

    /// <summary>Attributes that were taken away.</summary>
    public int Dropped { get; set; }

    /// <summary>The summary's attributes that were there already, by index; a slot of zero is none.</summary>
    public (int Slot, int Start, int End, long Count, int TextStart, int TextLength)[] Found { get; } = new (int, int, int, long, int, int)[4];

    /// <summary>How many are in <see cref="Found"/>.</summary>
    public int FoundCount { get; set; }

    public ReadOnlySpan<(int Start, int Length, bool IsDropped)> Keys => _keys.AsSpan(0, _keyCount);

    public void Begin()
    {
        Masked = 0;
        Dropped = 0;
        _keyCount = 0;
        FoundCount = 0;
        Array.Clear(Found);
    }

    public void AddKey(int start, int length, bool isDropped)
    {
        if (_keyCount < MostKeys)
        {
            _keys[_keyCount++] = (start, length, isDropped);
        }
    }
}
