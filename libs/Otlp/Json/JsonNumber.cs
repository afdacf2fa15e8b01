using System.Buffers.Text;
using System.Globalization;
using System.Text.Json;
using StellaOps.Telemetry.Otlp.Schema;

namespace StellaOps.Telemetry.Otlp.Json;

/// <summary>Numbers as protobuf's JSON writes them: as numbers or as strings.</summary>
internal static class JsonNumber
{
    // Longer than any number that a sender can mean; longer text is refused unread.
    private const int MaxText = 128;

    public static bool TryGetInt64(ref Utf8JsonReader reader, out long value)
    {
        value = 0;
        Span<byte> buffer = stackalloc byte[MaxText];
        if (!TryCopyText(ref reader, buffer, out var length))
        {
            return false;
        }

        ReadOnlySpan<byte> text = buffer[..length];

        if (Utf8Parser.TryParse(text, out value, out var read) && read == text.Length)
        {
            return true;
        }

        var isWhole = TryGetWhole(text, out var whole) && whole is >= long.MinValue and <= long.MaxValue;
        value = isWhole ? (long)whole : 0;
        return isWhole;
    }

    public static bool TryGetUInt64(ref Utf8JsonReader reader, out ulong value)
    {
        value = 0;
        Span<byte> buffer = stackalloc byte[MaxText];
        if (!TryCopyText(ref reader, buffer, out var length))
        {
            return false;
        }

        ReadOnlySpan<byte> text = buffer[..length];

        if (Utf8Parser.TryParse(text, out value, out var read) && read == text.Length)
        {
            return true;
        }

        var isWhole = TryGetWhole(text, out var whole) && whole is >= 0 and <= ulong.MaxValue;
        value = isWhole ? (ulong)whole : 0;
        return isWhole;
    }

    public static bool TryGetDouble(ref Utf8JsonReader reader, out double value)
    {
        value = 0;
        Span<byte> buffer = stackalloc byte[MaxText];
        if (!TryCopyText(ref reader, buffer, out var length))
        {
            return false;
        }

        ReadOnlySpan<byte> text = buffer[..length];

        if (text.SequenceEqual("NaN"u8) || text.SequenceEqual("Infinity"u8) || text.SequenceEqual("-Infinity"u8))
        {
            value = text[0] == (byte)'N' ? double.NaN : text[0] == (byte)'-' ? double.NegativeInfinity : double.PositiveInfinity;
            return reader.TokenType == JsonTokenType.String;
        }

        return Utf8Parser.TryParse(text, out value, out var read) && read == text.Length && double.IsFinite(value);
    }

    public static bool TryGetEnum(OtlpFieldType type, ref Utf8JsonReader reader, out int value)
    {
        value = 0;
        if (reader.TokenType == JsonTokenType.Number)
        {
            return reader.TryGetInt32(out value);
        }

        return reader.TokenType == JsonTokenType.String && reader.ValueSpan.Length <= MaxText && OtlpEnumNames.TryGet(type, reader.GetString()!, out value);
    }

    // Languages whose numbers are all floating point write 1.7e+18 or 5.0 for an integer; protobuf's JSON takes these, too.
    private static bool TryGetWhole(ReadOnlySpan<byte> text, out decimal whole) =>
        decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out whole)
        && decimal.IsInteger(whole);

    // The digits of a text may be written as escapes, "\u0031": nobody does, but it is one.
    private static bool TryCopyText(ref Utf8JsonReader reader, scoped Span<byte> text, out int length)
    {
        length = reader.ValueSpan.Length;
        if (reader.TokenType is not (JsonTokenType.Number or JsonTokenType.String) || length is 0 or > MaxText)
        {
            return false;
        }

        if (reader.ValueIsEscaped)
        {
            length = reader.CopyString(text);
        }
        else
        {
            reader.ValueSpan.CopyTo(text);
        }

        return true;
    }
}
