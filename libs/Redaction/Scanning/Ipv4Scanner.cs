namespace StellaOps.Telemetry.Redaction.Scanning;

/// <summary>Finds four dotted octets that are no part of a longer dotted number such as an object identifier.</summary>
internal static class Ipv4Scanner
{
    public static bool TryFind(ReadOnlySpan<byte> text, int from, out int start, out int end)
    {
        // Every address has its first dot here; the octet before it is looked at backwards.
        while (from < text.Length)
        {
            var offset = text[from..].IndexOf((byte)'.');
            if (offset < 0)
            {
                break;
            }

            var dot = from + offset;
            start = dot;
            while (start > 0 && dot - start < 4 && Ascii.IsDigit(text[start - 1]))
            {
                start--;
            }

            if (dot - start is >= 1 and <= 3 && !IsDottedBefore(text, start) && TryMatch(text, start, out end)
                && !Ascii.IsDigitAt(text, end) && !IsDottedAfter(text, end))
            {
                return true;
            }

            from = dot + 1;
        }

        start = end = 0;
        return false;
    }

    /// <summary>Reads an address that starts here; used for the tail of IPv6 addresses, too.</summary>
    public static bool TryMatch(ReadOnlySpan<byte> text, int start, out int end)
    {
        end = start;
        for (var octet = 0; octet < 4; octet++)
        {
            if (octet > 0)
            {
                if (end >= text.Length || text[end] != '.')
                {
                    return false;
                }

                end++;
            }

            var value = 0;
            var first = end;
            while (end < text.Length && end - first < 3 && Ascii.IsDigit(text[end]))
            {
                value = (value * 10) + text[end] - '0';
                end++;
            }

            if (end == first || value > 255)
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsDottedBefore(ReadOnlySpan<byte> text, int start) => start >= 2 && text[start - 1] == '.' && Ascii.IsDigit(text[start - 2]);

    private static bool IsDottedAfter(ReadOnlySpan<byte> text, int end) => end + 1 < text.Length && text[end] == '.' && Ascii.IsDigit(text[end + 1]);
}
