namespace StellaOps.Telemetry.Redaction.Scanning;

/// <summary>
/// One thread's memory of texts that look as if a rule could match and in which none does: telemetry repeats its texts. Only such texts are
/// kept, compared byte by byte, in a fixed table: one slot per hash, the newer text wins.
/// </summary>
internal sealed class CleanTexts
{
    private const int Slots = 512;
    private const int Longest = 512;

    private byte[]? _bytes;
    private readonly ushort[] _lengths = new ushort[Slots];

    public bool Contains(ReadOnlySpan<byte> text)
    {
        if (_bytes is null || text.Length is 0 or > Longest)
        {
            return false;
        }

        var slot = SlotOf(text);
        return _lengths[slot] == text.Length && text.SequenceEqual(_bytes.AsSpan(slot * Longest, text.Length));
    }

    public void Add(ReadOnlySpan<byte> text)
    {
        if (text.Length is 0 or > Longest)
        {
            return;
        }

        _bytes ??= new byte[Slots * Longest];
        var slot = SlotOf(text);
        text.CopyTo(_bytes.AsSpan(slot * Longest));
        _lengths[slot] = (ushort)text.Length;
    }

    private static int SlotOf(ReadOnlySpan<byte> text) => (int)(QuickHash.Of(text) % Slots);
}
