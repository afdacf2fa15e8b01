namespace StellaOps.Telemetry.Redaction.Scanning;

/// <summary>
/// Which of the characters that a class cannot do without stand in a text, found in one pass. A class whose characters are
/// missing is not looked for at all: that is what makes a text without personal data cheap.
/// </summary>
internal static class ByteFlags
{
    public const ulong At = 1UL << 0;
    public const ulong Percent = 1UL << 1;
    public const ulong Colon = 1UL << 2;
    public const ulong Dot = 1UL << 3;
    public const ulong Dash = 1UL << 4;
    public const ulong Underscore = 1UL << 5;
    public const ulong Digit = 1UL << 6;

    // Lower-case letters from bit 8, upper-case letters from bit 34.
    private const int LowerBase = 8;
    private const int UpperBase = 34;

    private static readonly ulong[] s_flags = Build();

    /// <summary>The flags of a text.</summary>
    public static ulong Of(ReadOnlySpan<byte> text)
    {
        ReadOnlySpan<ulong> table = s_flags;
        table = table[..256];
        ulong even = 0;
        ulong odd = 0;
        var i = 0;
        for (; i + 1 < text.Length; i += 2)
        {
            even |= table[text[i]];
            odd |= table[text[i + 1]];
        }

        return i < text.Length ? even | odd | table[text[i]] : even | odd;
    }

    private static ulong[] Build()
    {
        var flags = new ulong[256];
        flags['@'] = At;
        flags['%'] = Percent;
        flags[':'] = Colon;
        flags['.'] = Dot;
        flags['-'] = Dash;
        flags['_'] = Underscore;
        for (var d = '0'; d <= '9'; d++)
        {
            flags[d] = Digit;
        }

        for (var c = 0; c < 26; c++)
        {
            flags['a' + c] = 1UL << (LowerBase + c);
            flags['A' + c] = 1UL << (UpperBase + c);
        }

        return flags;
    }
}
