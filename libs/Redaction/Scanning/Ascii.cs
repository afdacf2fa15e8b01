namespace StellaOps.Telemetry.Redaction.Scanning;

/// <summary>Character classes over UTF-8 bytes. Bytes from 0x80 belong to letters outside ASCII.</summary>
internal static class Ascii
{
    public static bool IsDigit(byte b) => (uint)(b - '0') <= 9;

    public static bool IsLetter(byte b) => (uint)((b | 0x20) - 'a') <= 25;

    public static bool IsUpper(byte b) => (uint)(b - 'A') <= 25;

    public static bool IsAlphanumeric(byte b) => IsDigit(b) || IsLetter(b);

    public static bool IsHex(byte b) => IsDigit(b) || (uint)((b | 0x20) - 'a') <= 5;

    /// <summary>Whether the byte at this index exists and is a letter or digit: then no word ends or begins here.</summary>
    public static bool IsWordAt(ReadOnlySpan<byte> text, int index) => (uint)index < (uint)text.Length && IsAlphanumeric(text[index]);

    public static bool IsDigitAt(ReadOnlySpan<byte> text, int index) => (uint)index < (uint)text.Length && IsDigit(text[index]);

    /// <summary>Lower case of an ASCII letter; other bytes may change and must not be compared with letters only by accident.</summary>
    public static bool EqualsIgnoreCase(ReadOnlySpan<byte> text, ReadOnlySpan<byte> lower)
    {
        if (text.Length != lower.Length)
        {
            return false;
        }

        for (var i = 0; i < lower.Length; i++)
        {
            var b = text[i];
            if (b != lower[i] && !(IsUpper(b) && (b | 0x20) == lower[i]))
            {
                return false;
            }
        }

        return true;
    }
}
