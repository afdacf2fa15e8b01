using System.Buffers.Text;
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
        return TryGetText(ref reader, out var text) && Utf8Parser.TryParse(text, out value, out var read) && read == text.Length;
    }

    public static bool TryGetUInt64(ref Utf8JsonReader reader, out ulong value)
    {
        value = 0;
        return TryGetText(ref reader, out var text) && Utf8Parser.TryParse(text, out value, out var read) && read == text.Length;
    }

    public static bool TryGetDouble(ref Utf8JsonReader reader, out double value)
    {
        value = 0;
        if (!TryGetText(ref reader, out var text))
        {
            return false;
        }

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

    private static bool TryGetText(ref Utf8JsonReader reader, out ReadOnlySpan<byte> text)
    {
        text = reader.ValueSpan;
        return reader.TokenType is JsonTokenType.Number or JsonTokenType.String && text.Length is > 0 and <= MaxText;
    }
}
