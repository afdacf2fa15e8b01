using System.Text;
using System.Text.RegularExpressions;

namespace StellaOps.Telemetry.Redaction.Scanning;

/// <summary>
/// Runs a policy's own expressions over one text in UTF-8 at a time. It is decoded once, however many matches it has; the engine does not
/// backtrack; where it runs out of time, the rest of the text counts as matched.
/// </summary>
internal sealed class PatternText
{
    private const int KeptChars = 64 * 1024;

    private char[] _chars = [];
    private int _length;
    private Encoding _encoding = Encoding.UTF8;

    // The same place in both.
    private int _byte;
    private int _char;

    /// <summary>Finds the next match that begins at <paramref name="from"/> or later; 0 begins with another text.</summary>
    public bool TryFind(Regex pattern, ReadOnlySpan<byte> text, int from, out int start, out int end)
    {
        if (from == 0)
        {
            Begin(text);
        }

        _char += _encoding.GetCharCount(text[_byte..from]);
        _byte = from;
        start = end = 0;
        try
        {
            foreach (var match in pattern.EnumerateMatches(_chars.AsSpan(0, _length), _char))
            {
                if (match.Length == 0)
                {
                    continue;
                }

                start = _byte + _encoding.GetByteCount(_chars.AsSpan(_char, match.Index - _char));
                end = start + _encoding.GetByteCount(_chars.AsSpan(match.Index, match.Length));
                return true;
            }

            return false;
        }
        catch (RegexMatchTimeoutException)
        {
            start = from;
            end = text.Length;
            return end > start;
        }
    }

    /// <summary>Forgets the text, which may be personal data.</summary>
    public void Clear()
    {
        if (_chars.Length > KeptChars)
        {
            _chars = [];
        }
        else
        {
            _chars.AsSpan(0, _length).Clear();
        }

        _length = 0;
    }

    private void Begin(ReadOnlySpan<byte> text)
    {
        Clear();
        if (_chars.Length < text.Length)
        {
            _chars = new char[Math.Max(text.Length, 256)];
        }

        // What is no UTF-8 is read byte by byte, so that offsets stay exact.
        _encoding = System.Text.Unicode.Utf8.IsValid(text) ? Encoding.UTF8 : Encoding.Latin1;
        _length = _encoding.GetChars(text, _chars);
        _byte = _char = 0;
    }
}
