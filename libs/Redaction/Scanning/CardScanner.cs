namespace StellaOps.Telemetry.Redaction.Scanning;

/// <summary>
/// Finds card numbers in text, in one run or in groups parted by one blank, dash, plus, underscore, no-break space or <c>%20</c>. Digits inside
/// a hexadecimal id, a UUID or the fraction of a number are none.
/// </summary>
internal static class CardScanner
{
    private const int MinGroup = 3;
    private const int MaxGroups = 6;

    public static bool TryFind(ReadOnlySpan<byte> text, int from, out int start, out int end)
    {
        while (from < text.Length)
        {
            var offset = text[from..].IndexOfAnyInRange((byte)'0', (byte)'9');
            if (offset < 0)
            {
                break;
            }

            start = from + offset;
            var run = RunEnd(text, start);
            if (run - start >= MinGroup && run - start <= CardNumbers.MaxDigits && TryMatch(text, start, run, out end) && !IsFraction(text, start) && !IsHexId(text, start, end))
            {
                return true;
            }

            from = run;
        }

        start = end = 0;
        return false;
    }

    private static bool TryMatch(ReadOnlySpan<byte> text, int start, int run, out int end)
    {
        Span<byte> digits = stackalloc byte[CardNumbers.MaxDigits];
        var count = 0;
        var position = start;
        var separator = 0;
        var found = false;
        end = 0;
        for (var group = 0; group < MaxGroups; group++)
        {
            var length = run - position;
            if (count + length > digits.Length)
            {
                break;
            }

            text[position..run].CopyTo(digits[count..]);
            count += length;
            if (count >= CardNumbers.MinDigits && CardNumbers.IsCard(digits[..count]))
            {
                end = run;
                found = true;
            }

            var gap = SeparatorLength(text, run, ref separator);
            if (gap == 0 || length < MinGroup || !Ascii.IsDigitAt(text, run + gap))
            {
                break;
            }

            position = run + gap;
            run = RunEnd(text, position);
        }

        return found;
    }

    private static int RunEnd(ReadOnlySpan<byte> text, int start)
    {
        var length = text[start..].IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        return length < 0 ? text.Length : start + length;
    }

    private static int SeparatorLength(ReadOnlySpan<byte> text, int at, ref int separator)
    {
        if (at >= text.Length)
        {
            return 0;
        }

        var b = text[at];
        var length = b switch
        {
            (byte)' ' or (byte)'-' or (byte)'+' or (byte)'_' => 1,
            (byte)'%' => text[at..].StartsWith("%20"u8) ? 3 : 0,
            0xC2 => at + 1 < text.Length && text[at + 1] == 0xA0 ? 2 : 0,
            _ => 0,
        };
        if (length == 0 || (separator != 0 && separator != b))
        {
            return 0;
        }

        separator = b;
        return length;
    }

    private static bool IsFraction(ReadOnlySpan<byte> text, int start) => start >= 2 && text[start - 1] == '.' && Ascii.IsDigit(text[start - 2]);

    private static bool IsHexId(ReadOnlySpan<byte> text, int start, int end)
    {
        // Bounded: an id is at most 64 hex digits (SHA-256) or a UUID of 36; a longer token is treated as one.
        const int Longest = 65;
        var first = start;
        while (first > 0 && start - first < Longest && IsIdByte(text[first - 1]))
        {
            first--;
        }

        var last = end;
        while (last < text.Length && last - end < Longest && IsIdByte(text[last]))
        {
            last++;
        }

        var token = text[first..last];
        if (token.Length == 36 && token[8] == '-' && token[13] == '-' && token[18] == '-' && token[23] == '-')
        {
            return true;
        }

        // Digits in groups are no hexadecimal word.
        if (text[start..end].IndexOfAnyExceptInRange((byte)'0', (byte)'9') >= 0)
        {
            return false;
        }

        var dash = token[..(start - first)].LastIndexOf((byte)'-') + 1;
        var tail = token[(end - first)..].IndexOf((byte)'-');
        var word = token[dash..(tail < 0 ? token.Length : end - first + tail)];
        return (word.Length == 16 || word.Length >= 24) && word.IndexOfAnyExceptInRange((byte)'0', (byte)'9') >= 0;
    }

    private static bool IsIdByte(byte b) => Ascii.IsHex(b) || b == '-';
}
