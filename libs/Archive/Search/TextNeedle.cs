using System.Text;

namespace StellaOps.Telemetry.Archive.Search;

/// <summary>Finds a text in bytes, A to Z as a to z where asked for. Both ways go many bytes at once.</summary>
internal sealed class TextNeedle
{
    // From the most to the least frequent in logs of English words, paths and numbers; what is not here is rarer.
    private const string ByFrequency = "e taoinsrhl/cdum.-pf0g1:w2b345y_6789v,k\"=xjqz";

    private readonly byte[] _bytes;
    private readonly bool _ignoreCase;
    private readonly int _anchor;

    public TextNeedle(string text, bool ignoreCase)
    {
        _ignoreCase = ignoreCase;
        _bytes = Encoding.UTF8.GetBytes(text);
        if (ignoreCase)
        {
            Array.ConvertAll(_bytes, Fold).CopyTo(_bytes, 0);
            for (var i = 1; i < _bytes.Length; i++)
            {
                _anchor = RarityOf(_bytes[i]) > RarityOf(_bytes[_anchor]) ? i : _anchor;
            }
        }

        MayBeNumber = IsPartOfNumber(text, ignoreCase);
    }

    /// <summary>Whether it may stand in a number or truth value, whose bytes on the wire are not its characters.</summary>
    public bool MayBeNumber { get; }

    public bool IsIn(ReadOnlySpan<byte> bytes) => _ignoreCase ? IsInIgnoringCase(bytes) : bytes.IndexOf(_bytes) >= 0;

    private bool IsInIgnoringCase(ReadOnlySpan<byte> bytes)
    {
        var lower = _bytes[_anchor];
        var upper = lower is >= (byte)'a' and <= (byte)'z' ? (byte)(lower - 32) : lower;
        for (var left = bytes; left.Length >= _bytes.Length;)
        {
            // Where the rarest character may stand, from here to the last place that leaves room for the rest.
            var found = left[_anchor..(left.Length - _bytes.Length + _anchor + 1)].IndexOfAny(lower, upper);
            if (found < 0)
            {
                return false;
            }

            if (IsHere(left.Slice(found, _bytes.Length)))
            {
                return true;
            }

            left = left[(found + 1)..];
        }

        return false;
    }

    private bool IsHere(ReadOnlySpan<byte> bytes)
    {
        for (var i = 0; i < bytes.Length; i++)
        {
            if (Fold(bytes[i]) != _bytes[i])
            {
                return false;
            }
        }

        return true;
    }

    private static byte Fold(byte b) => b is >= (byte)'A' and <= (byte)'Z' ? (byte)(b + 32) : b;

    private static int RarityOf(byte b) => ByFrequency.IndexOf((char)b, StringComparison.Ordinal) is >= 0 and var at ? at : ByFrequency.Length;

    private static bool IsPartOfNumber(string text, bool ignoreCase)
    {
        var comparison = ignoreCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
        return text.All(c => char.IsAsciiDigit(c) || c is '+' or '-' or '.' or 'e' or 'E')
            || ((string[])["true", "false", "NaN", "-Infinity"]).Any(word => word.Contains(text, comparison));
    }
}
