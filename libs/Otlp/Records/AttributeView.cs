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
                && TryReadKeyValue(reader.Content, out var found, out var any) && found.SequenceEqual(key))
            {
                return TryReadString(any, out value);
            }
        }

        return false;
    }

    private static bool TryReadKeyValue(ReadOnlySpan<byte> keyValue, out ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        key = default;
        value = default;
        var reader = new WireReader(keyValue);
        while (reader.TryReadField())
        {
            if (reader.WireType == WireType.LengthDelimited && reader.FieldNumber == CommonFields.KeyValue.Key)
            {
                key = reader.Content;
            }
            else if (reader.WireType == WireType.LengthDelimited && reader.FieldNumber == CommonFields.KeyValue.Value)
            {
                value = reader.Content;
            }
        }

        return !reader.IsMalformed;
    }

    private static bool TryReadString(ReadOnlySpan<byte> any, out ReadOnlySpan<byte> value)
    {
        value = default;
        var found = false;
        var reader = new WireReader(any);
        while (reader.TryReadField())
        {
            found = reader.FieldNumber == CommonFields.AnyValue.StringValue && reader.WireType == WireType.LengthDelimited;
            value = found ? reader.Content : default;
        }

        return found && !reader.IsMalformed;
    }
}
