using System.Buffers;

namespace StellaOps.Telemetry.Redaction.Scanning;

/// <summary>
/// Finds e-mail addresses: <c>a.b+c@mail.example.com</c>, <c>"john doe"@example.com</c>, <c>a%40example.com</c>, <c>a%2540example.com</c>.
/// Not <c>lodash@4.17.21</c> (no top-level domain) and not <c>@scope/name</c>.
/// </summary>
internal static class EmailScanner
{
    private const int MaxLocal = 64;
    private const int MaxDomain = 255;

    private static readonly SearchValues<byte> s_triggers = SearchValues.Create("@%"u8);

    public static bool TryFind(ReadOnlySpan<byte> text, int from, out int start, out int end)
    {
        while (from < text.Length)
        {
            var offset = text[from..].IndexOfAny(s_triggers);
            if (offset < 0)
            {
                break;
            }

            var at = from + offset;
            var sign = SignLength(text[at..]);
            from = at + 1;
            if (sign > 0 && TryLocal(text, at, out start) && TryDomain(text, at + sign, out end))
            {
                return true;
            }
        }

        start = end = 0;
        return false;
    }

    private static int SignLength(ReadOnlySpan<byte> text) =>
        text[0] == '@' ? 1 : text.StartsWith("%40"u8) ? 3 : text.StartsWith("%2540"u8) ? 5 : 0;

    private static bool TryLocal(ReadOnlySpan<byte> text, int at, out int start)
    {
        start = at;
        if (at > 0 && text[at - 1] == '"')
        {
            var floor = Math.Max(0, at - 1 - MaxLocal);
            var open = text[floor..(at - 1)].LastIndexOf((byte)'"');
            if (open < 0)
            {
                return false;
            }

            start = floor + open;
            return true;
        }

        var limit = Math.Max(0, at - MaxLocal);
        while (start > limit && IsLocal(text[start - 1]))
        {
            start--;
        }

        // The bound may fall inside a character; half of one left standing would be no UTF-8.
        while (start > 0 && start < at && IsContinuation(text[start]))
        {
            start--;
        }

        return start < at;
    }

    private static bool IsLocal(byte b) =>
        Ascii.IsAlphanumeric(b) || b >= 0x80 || b is (byte)'.' or (byte)'_' or (byte)'-' or (byte)'+' or (byte)'%' or (byte)'\'' or (byte)'~' or (byte)'!' or (byte)'#' or (byte)'$' or (byte)'*';

    private static bool TryDomain(ReadOnlySpan<byte> text, int start, out int end)
    {
        end = 0;
        var limit = Math.Min(text.Length, start + MaxDomain);
        var position = start;
        for (var labels = 1; ; labels++)
        {
            var label = position;
            while (position < limit && IsDomain(text[position]))
            {
                position++;
            }

            if (position == label)
            {
                return end > 0;
            }

            if (labels > 1 && IsTopLevel(text[label..position]))
            {
                end = position;
                while (end < text.Length && IsContinuation(text[end]))
                {
                    end++;
                }
            }

            if (position >= limit || text[position] != '.')
            {
                return end > 0;
            }

            position++;
        }
    }

    private static bool IsContinuation(byte b) => (b & 0xC0) == 0x80;

    private static bool IsDomain(byte b) => Ascii.IsAlphanumeric(b) || b == '-' || b >= 0x80;

    private static bool IsTopLevel(ReadOnlySpan<byte> label)
    {
        if (label.Length < 2)
        {
            return false;
        }

        if (label.Length > 4 && Ascii.EqualsIgnoreCase(label[..4], "xn--"u8))
        {
            return true;
        }

        // "example.com-foo" still holds example.com's owner: two letters in front are enough to be a domain.
        return (Ascii.IsLetter(label[0]) || label[0] >= 0x80) && (Ascii.IsLetter(label[1]) || label[1] >= 0x80);
    }
}
