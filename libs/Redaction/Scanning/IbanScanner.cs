namespace StellaOps.Telemetry.Redaction.Scanning;

/// <summary>Finds account numbers such as <c>DE89 3704 0044 0532 0130 00</c>: two letters, two digits, 11 to 30 more, and a sum of 1 modulo 97. Upper case and blanks only: one UUID in a thousand would pass otherwise.</summary>
internal static class IbanScanner
{
    private const int MinLength = 15;
    private const int MaxLength = 34;

    public static bool TryFind(ReadOnlySpan<byte> text, int from, out int start, out int end)
    {
        while (from < text.Length)
        {
            var offset = text[from..].IndexOfAnyInRange((byte)'0', (byte)'9');
            if (offset < 0)
            {
                break;
            }

            var digit = from + offset;
            start = digit - 2;
            if (start >= 0 && Ascii.IsDigitAt(text, digit + 1) && Ascii.IsUpper(text[start]) && Ascii.IsUpper(text[start + 1])
                && !Ascii.IsWordAt(text, start - 1) && TryMatch(text, start, out end))
            {
                return true;
            }

            var run = text[digit..].IndexOfAnyExceptInRange((byte)'0', (byte)'9');
            from = run < 0 ? text.Length : digit + run;
        }

        start = end = 0;
        return false;
    }

    private static bool TryMatch(ReadOnlySpan<byte> text, int start, out int end)
    {
        Span<byte> compact = stackalloc byte[MaxLength];
        var count = 0;
        var position = start;
        end = 0;
        while (position < text.Length)
        {
            if (text[position] == ' ' && count > 0 && count % 4 == 0)
            {
                position++;
            }

            if (!Ascii.IsWordAt(text, position) || count == MaxLength)
            {
                break;
            }

            compact[count++] = text[position++];
            if (count >= MinLength && !Ascii.IsWordAt(text, position) && Remainder(compact[..count]) == 1)
            {
                end = position;
            }
        }

        return end > 0;
    }

    private static int Remainder(ReadOnlySpan<byte> iban)
    {
        var remainder = 0;
        for (var i = 0; i < iban.Length; i++)
        {
            var b = iban[(i + 4) % iban.Length];
            var value = Ascii.IsDigit(b) ? b - '0' : (b | 0x20) - 'a' + 10;
            remainder = ((remainder * (value > 9 ? 100 : 10)) + value) % 97;
        }

        return remainder;
    }
}
