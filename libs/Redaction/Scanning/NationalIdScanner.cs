namespace StellaOps.Telemetry.Redaction.Scanning;

/// <summary>Finds US social security numbers and ITINs (<c>ddd-dd-dddd</c>, also with blanks) and UK national insurance numbers (<c>QQ 12 34 56 C</c>).</summary>
internal static class NationalIdScanner
{
    public static bool TryFind(ReadOnlySpan<byte> text, int from, out int start, out int end)
    {
        while (from < text.Length)
        {
            var offset = text[from..].IndexOfAnyInRange((byte)'0', (byte)'9');
            if (offset < 0)
            {
                break;
            }

            var run = from + offset;
            var length = text[run..].IndexOfAnyExceptInRange((byte)'0', (byte)'9');
            var runEnd = length < 0 ? text.Length : run + length;
            if (IsSsn(text, run, runEnd))
            {
                start = run;
                end = run + 11;
                return true;
            }

            if (TryNino(text, run, out start, out end))
            {
                return true;
            }

            from = runEnd;
        }

        start = end = 0;
        return false;
    }

    private static bool IsSsn(ReadOnlySpan<byte> text, int start, int runEnd)
    {
        if (runEnd - start != 3 || start + 11 > text.Length)
        {
            return false;
        }

        var separator = text[start + 3];
        if (separator is not ((byte)'-' or (byte)' ') || text[start + 6] != separator
            || !Ascii.IsDigit(text[start + 4]) || !Ascii.IsDigit(text[start + 5]) || Ascii.IsDigitAt(text, start + 11)
            || text.Slice(start + 7, 4).IndexOfAnyExceptInRange((byte)'0', (byte)'9') >= 0)
        {
            return false;
        }

        // Part of a longer dashed number, such as a telephone number with its country code or a UUID.
        if ((start >= 2 && text[start - 1] == '-' && Ascii.IsDigit(text[start - 2])) || (start + 12 < text.Length && text[start + 11] == '-' && Ascii.IsHex(text[start + 12])) || Ascii.IsWordAt(text, start + 11))
        {
            return false;
        }

        var area = Number(text.Slice(start, 3));
        var group = Number(text.Slice(start + 4, 2));
        var serial = Number(text.Slice(start + 7, 4));
        return area is not (0 or 666) && group != 0 && serial != 0 && (area < 900 || group is >= 50 and <= 99);
    }

    private static int Number(ReadOnlySpan<byte> digits)
    {
        var value = 0;
        foreach (var digit in digits)
        {
            value = (value * 10) + digit - '0';
        }

        return value;
    }

    private static bool TryNino(ReadOnlySpan<byte> text, int run, out int start, out int end)
    {
        start = end = 0;
        var gap = run >= 3 && text[run - 1] == ' ' ? 1 : 0;
        start = run - gap - 2;
        if (start < 0 || Ascii.IsWordAt(text, start - 1) || !IsNinoPrefix(text[start], text[start + 1]))
        {
            return false;
        }

        var position = run;
        for (var digit = 0; digit < 6; digit++)
        {
            if (digit is 2 or 4 && position < text.Length && text[position] == ' ')
            {
                position++;
            }

            if (!Ascii.IsDigitAt(text, position))
            {
                return false;
            }

            position++;
        }

        if (position < text.Length && text[position] == ' ')
        {
            position++;
        }

        if (position >= text.Length || text[position] is not (>= (byte)'A' and <= (byte)'D') || Ascii.IsWordAt(text, position + 1))
        {
            return false;
        }

        end = position + 1;
        return true;
    }

    private static bool IsNinoPrefix(byte first, byte second) =>
        Ascii.IsUpper(first) && Ascii.IsUpper(second) && !"DFIQUV"u8.Contains(first) && !"DFIOQUV"u8.Contains(second)
        && (first, second) is not (((byte)'B', (byte)'G') or ((byte)'G', (byte)'B') or ((byte)'N', (byte)'K') or ((byte)'K', (byte)'N')
            or ((byte)'T', (byte)'N') or ((byte)'N', (byte)'T') or ((byte)'Z', (byte)'Z'));
}
