namespace StellaOps.Telemetry.Redaction.Scanning;

/// <summary>
/// Finds IPv6 addresses: full, with <c>::</c>, with an IPv4 tail, in brackets, with a zone. Not <c>::</c> alone, clock times, MAC addresses
/// of six octets or C++ names such as <c>std::vector</c> and <c>a::b</c>.
/// </summary>
internal static class Ipv6Scanner
{
    // Longest textual form: eight groups of four with an IPv4 tail in place of two.
    private const int MaxLength = 45;

    public static bool TryFind(ReadOnlySpan<byte> text, int from, out int start, out int end)
    {
        var floor = from;
        while (from < text.Length)
        {
            var offset = text[from..].IndexOf((byte)':');
            if (offset < 0)
            {
                break;
            }

            var colon = from + offset;
            var first = colon;
            while (first > floor && colon - first < 5 && Ascii.IsHex(text[first - 1]))
            {
                first--;
            }

            // At this colon an address begins: with the group before it, or with "::".
            if (TryMatch(text, first, out end) || (first < colon && TryMatch(text, colon, out end)))
            {
                start = end > colon && IsCandidateStart(text, first) && TryMatch(text, first, out var whole) && whole == end ? first : colon;
                Widen(text, ref start, ref end, floor);
                return true;
            }

            from = colon + 1;
        }

        start = end = 0;
        return false;
    }

    private static bool IsCandidateStart(ReadOnlySpan<byte> text, int start) =>
        start == 0 || !(Ascii.IsAlphanumeric(text[start - 1]) || text[start - 1] is (byte)'_' or (byte)'.');

    private static bool TryMatch(ReadOnlySpan<byte> text, int start, out int end)
    {
        end = start;
        if (!IsCandidateStart(text, start) || (start > 0 && text[start - 1] == ':' && text[start] == ':'))
        {
            return false;
        }

        var groups = 0;
        var units = 0;
        var compressed = false;
        var hasDigit = false;
        var position = start;
        var limit = Math.Min(text.Length, start + MaxLength + 1);
        var best = -1;
        if (position + 1 < limit && text[position] == ':')
        {
            if (text[position + 1] != ':')
            {
                return false;
            }

            compressed = true;
            position += 2;
        }

        while (position < limit && units < 8)
        {
            if (units <= 6 && Ascii.IsDigit(text[position]) && Ipv4Scanner.TryMatch(text, position, out var tail) && !Ascii.IsWordAt(text, tail)
                && (compressed ? units <= 5 : units == 6))
            {
                end = tail;
                return true;
            }

            var group = position;
            while (position < limit && position - group < 5 && Ascii.IsHex(text[position]))
            {
                hasDigit |= Ascii.IsDigit(text[position]);
                position++;
            }

            var length = position - group;
            if (length is 0 or > 4 || (position < text.Length && (Ascii.IsAlphanumeric(text[position]) || text[position] == '_')))
            {
                break;
            }

            groups++;
            units++;
            if (IsComplete(units, groups, compressed, hasDigit))
            {
                best = position;
            }

            if (position >= limit || text[position] != ':')
            {
                break;
            }

            if (position + 1 < text.Length && text[position + 1] == ':')
            {
                if (compressed)
                {
                    break;
                }

                compressed = true;
                position += 2;
                // "c1::foo" is a C++ name: an address may end in "::" only where no word follows, or with more groups before it.
                if (IsComplete(units, groups, compressed, hasDigit) && (!Ascii.IsWordAt(text, position) || groups >= 3))
                {
                    best = position;
                }

                continue;
            }

            position++;
        }

        if (best < 0 || (best < text.Length && units == 8 && IsTooLong(text, best)))
        {
            return false;
        }

        end = best;
        return true;
    }

    /// <summary>A ninth group means that this is no address but a list of something.</summary>
    private static bool IsTooLong(ReadOnlySpan<byte> text, int end) =>
        end + 1 < text.Length && text[end] == ':' && Ascii.IsHex(text[end + 1]);

    private static bool IsComplete(int units, int groups, bool compressed, bool hasDigit) =>
        (!compressed && units == 8) || (compressed && units <= 7 && groups >= 1 && (hasDigit || groups >= 3));

    /// <summary>Takes the zone (<c>%eth0</c>, <c>%25eth0</c>) and the brackets along.</summary>
    private static void Widen(ReadOnlySpan<byte> text, ref int start, ref int end, int floor)
    {
        if (end + 1 < text.Length && text[end] == '%' && Ascii.IsAlphanumeric(text[end + 1]))
        {
            var zone = end + 1;
            while (zone < text.Length && zone - end <= 24 && (Ascii.IsAlphanumeric(text[zone]) || text[zone] is (byte)'-' or (byte)'_' or (byte)'.'))
            {
                zone++;
            }

            end = zone;
        }

        if (start > floor && end < text.Length && text[start - 1] == '[' && text[end] == ']')
        {
            start--;
            end++;
        }
    }
}
