using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;

namespace StellaOps.Telemetry.Redaction.Scanning;

/// <summary>Runs a policy's own expression over UTF-8. The engine does not backtrack; where it runs out of time, the rest of the text counts as matched.</summary>
internal static class PatternScanner
{
    public static bool TryFind(Regex pattern, ReadOnlySpan<byte> text, int from, out int start, out int end)
    {
        start = end = 0;
        var chars = ArrayPool<char>.Shared.Rent(text.Length);
        try
        {
            // What is no UTF-8 is read byte by byte, so that offsets stay exact.
            var isUtf8 = System.Text.Unicode.Utf8.IsValid(text);
            var encoding = isUtf8 ? Encoding.UTF8 : Encoding.Latin1;
            var length = encoding.GetChars(text, chars);
            var first = encoding.GetCharCount(text[..from]);
            foreach (var match in pattern.EnumerateMatches(chars.AsSpan(0, length), first))
            {
                if (match.Length == 0)
                {
                    continue;
                }

                start = encoding.GetByteCount(chars.AsSpan(0, match.Index));
                end = start + encoding.GetByteCount(chars.AsSpan(match.Index, match.Length));
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
        finally
        {
            ArrayPool<char>.Shared.Return(chars, clearArray: true);
        }
    }
}
