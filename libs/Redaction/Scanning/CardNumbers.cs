namespace StellaOps.Telemetry.Redaction.Scanning;

/// <summary>Tells payment card numbers from other numbers: length and prefix of a known network, and the Luhn sum.</summary>
internal static class CardNumbers
{
    public const int MinDigits = 13;
    public const int MaxDigits = 19;

    private const ulong Smallest = 1_000_000_000_000;
    private const ulong Largest = 9_999_999_999_999_999_999;

    /// <summary>Judges an integer; the sign does not count.</summary>
    public static bool IsCard(ulong value)
    {
        if (value < Smallest)
        {
            return false;
        }

        if (value > long.MaxValue && value > Largest)
        {
            value = unchecked((ulong)-(long)value);
        }

        Span<byte> digits = stackalloc byte[20];
        return value >= Smallest && value.TryFormat(digits, out var length) && IsCard(digits[..length]);
    }

    /// <summary>Judges a signed integer.</summary>
    public static bool IsCard(long value) => IsCard(value < 0 ? unchecked((ulong)-value) : (ulong)value);

    /// <summary>Judges a double that holds a whole number.</summary>
    public static bool IsCard(double value)
    {
        var magnitude = Math.Abs(value);
        return magnitude >= Smallest && magnitude < Largest && Math.Floor(magnitude) == magnitude && IsCard((ulong)magnitude);
    }

    /// <summary>Judges digits in ASCII.</summary>
    public static bool IsCard(ReadOnlySpan<byte> digits) =>
        digits.Length is >= MinDigits and <= MaxDigits && HasKnownPrefix(digits) && Luhn(digits);

    // Prefixes of the issuers' ranges (ISO/IEC 7812): a timestamp in nanoseconds (17...) begins with none of them.
    private static bool HasKnownPrefix(ReadOnlySpan<byte> d)
    {
        var two = ((d[0] - '0') * 10) + d[1] - '0';
        var four = (two * 100) + ((d[2] - '0') * 10) + d[3] - '0';
        var three = four / 10;
        return d.Length switch
        {
            13 => two / 10 == 4,
            14 => three is >= 300 and <= 305 || two is 36 or 38 or 39,
            15 => two is 34 or 37 || four is 2131 or 1800,
            16 => two / 10 == 4 || two is >= 51 and <= 55 || four is >= 2200 and <= 2720 || four == 6011 || three is >= 644 and <= 649 || two is 65 or 62 or 60 or 81
                || four is >= 3528 and <= 3589 || IsMaestro(four) || two is 36 or 30 or 38 or 39,
            17 or 18 => two == 62 || IsMaestro(four),
            _ => two / 10 == 4 || two is 62 or 65 || four == 6011 || three is >= 644 and <= 649 || four is >= 3528 and <= 3589 || IsMaestro(four) || two is 36 or 30 or 38 or 39,
        };
    }

    private static bool IsMaestro(int four) => four is 5018 or 5020 or 5038 or 5893 or 6304 or (>= 6759 and <= 6763);

    private static bool Luhn(ReadOnlySpan<byte> digits)
    {
        var sum = 0;
        var twice = false;
        for (var i = digits.Length - 1; i >= 0; i--)
        {
            var digit = digits[i] - '0';
            if (twice)
            {
                digit *= 2;
                digit -= digit > 9 ? 9 : 0;
            }

            sum += digit;
            twice = !twice;
        }

        return sum % 10 == 0;
    }
}
