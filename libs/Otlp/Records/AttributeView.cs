using StellaOps.Telemetry.Otlp.Fields;
using StellaOps.Telemetry.Otlp.Wire;

namespace StellaOps.Telemetry.Otlp;

/// <summary>Finds attributes of a message.</summary>
public static class AttributeView
{
    /// <summary>The first attribute of that key, if it is a string. Stores take the first one, too, where a sender repeats a key.</summary>
    public static bool TryGetString(ReadOnlySpan<byte> message, int attributesField, ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        value = default;
        var reader = new WireReader(message);
        while (reader.TryReadField())
        {
            if (reader.FieldNumber == attributesField && reader.WireType == WireType.LengthDelimited
                && TryReadKeyValue(reader.Content, out var found, out value, out var isString) && found.SequenceEqual(key))
            {
                return isString;
            }
        }

        value = default;
        return false;
    }

    // Protobuf merges a value that comes twice, so the last one that says anything counts.
    private static bool TryReadKeyValue(ReadOnlySpan<byte> keyValue, out ReadOnlySpan<byte> key, out ReadOnlySpan<byte> text, out bool isString)
    {
        key = default;
        text = default;
        isString = false;
        var isRead = true;
        var reader = new WireReader(keyValue);
        while (reader.TryReadField())
        {
            if (reader.WireType == WireType.LengthDelimited && reader.FieldNumber == CommonFields.KeyValue.Key)
            {
                key = reader.Content;
            }
            else if (reader.WireType == WireType.LengthDelimited && reader.FieldNumber == CommonFields.KeyValue.Value)
            {
                isRead &= TryReadString(reader.Content, ref text, ref isString);
            }
        }

        return isRead && !reader.IsMalformed;
    }

    // Of the kinds of value the last one counts; a field that is none, of a later specification, changes nothing.
    private static bool TryReadString(ReadOnlySpan<byte> any, ref ReadOnlySpan<byte> text, ref bool isString)
    {
        var reader = new WireReader(any);
        while (reader.TryReadField())
        {
            if (reader.FieldNumber <= CommonFields.AnyValue.BytesValue)
            {
                isString = reader.FieldNumber == CommonFields.AnyValue.StringValue && reader.WireType == WireType.LengthDelimited;
                text = isString ? reader.Content : default;
            }
        }

        return !reader.IsMalformed;
    }
}
