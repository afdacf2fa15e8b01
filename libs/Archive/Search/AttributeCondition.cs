using System.Globalization;
using System.Text;
using StellaOps.Telemetry.Otlp.Fields;
using StellaOps.Telemetry.Otlp.Wire;

namespace StellaOps.Telemetry.Archive.Search;

/// <summary>An <see cref="AttributeEquality"/>, ready to be compared with bytes.</summary>
internal sealed class AttributeCondition
{
    // Values nest no deeper than what is let in; a list in a list is as far as anybody looks here.
    private const int MaxDepth = 8;

    private readonly byte[] _key;
    private readonly byte[] _text;
    private readonly long? _integer;
    private readonly double? _number;
    private readonly bool? _truth;

    public AttributeCondition(AttributeEquality equality)
    {
        _key = Encoding.UTF8.GetBytes(equality.Key);
        _text = Encoding.UTF8.GetBytes(equality.Value);
        _integer = long.TryParse(equality.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var integer) ? integer : null;
        _number = double.TryParse(equality.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;
        _truth = equality.Value switch { "true" => true, "false" => false, _ => null };
    }

    /// <summary>Whether the value can only be a string, whose bytes on the wire are its characters.</summary>
    public bool IsText => _integer is null && _number is null && _truth is null && _text.Length > 0;

    /// <summary>Bytes that stand in every message with this attribute.</summary>
    public byte[] Needle => IsText ? _text : _key;

    /// <param name="attributesField">Where the message has its attributes; 0: it has none.</param>
    public bool IsMetBy(ReadOnlySpan<byte> message, int attributesField)
    {
        var reader = new WireReader(message);
        while (reader.TryReadField())
        {
            if (reader.FieldNumber == attributesField && reader.WireType == WireType.LengthDelimited && HasKey(reader.Content))
            {
                return HasValue(reader.Content);
            }
        }

        return false;
    }

    // Protobuf: of what comes twice, the last one counts, and an empty text is not written.
    private bool HasKey(ReadOnlySpan<byte> keyValue)
    {
        var isKey = _key.Length == 0;
        var reader = new WireReader(keyValue);
        while (reader.TryReadField())
        {
            if (reader.FieldNumber == CommonFields.KeyValue.Key && reader.WireType == WireType.LengthDelimited)
            {
                isKey = reader.Content.SequenceEqual(_key);
            }
        }

        return isKey;
    }

    private bool HasValue(ReadOnlySpan<byte> keyValue)
    {
        var isEqual = false;
        var reader = new WireReader(keyValue);
        while (reader.TryReadField())
        {
            if (reader.FieldNumber == CommonFields.KeyValue.Value && reader.WireType == WireType.LengthDelimited)
            {
                isEqual = IsEqual(reader.Content, MaxDepth);
            }
        }

        return isEqual;
    }

    private bool IsEqual(ReadOnlySpan<byte> any, int depth)
    {
        var isEqual = false;
        var reader = new WireReader(any);
        while (reader.TryReadField())
        {
            isEqual = (reader.FieldNumber, reader.WireType) switch
            {
                (CommonFields.AnyValue.StringValue, WireType.LengthDelimited) => reader.Content.SequenceEqual(_text),
                (CommonFields.AnyValue.BoolValue, WireType.Varint) => _truth == (reader.Value != 0),
                (CommonFields.AnyValue.IntValue, WireType.Varint) => _integer == (long)reader.Value,
                (CommonFields.AnyValue.DoubleValue, WireType.Fixed64) => _number == BitConverter.UInt64BitsToDouble(reader.Value),
                (CommonFields.AnyValue.ArrayValue, WireType.LengthDelimited) => depth > 0 && HasItem(reader.Content, depth - 1),

                // A field of a later specification is no value.
                _ => isEqual && reader.FieldNumber > CommonFields.AnyValue.BytesValue,
            };
        }

        return isEqual;
    }

    private bool HasItem(ReadOnlySpan<byte> list, int depth)
    {
        var reader = new WireReader(list);
        while (reader.TryReadField())
        {
            if (reader.FieldNumber == CommonFields.List.Values && reader.WireType == WireType.LengthDelimited && IsEqual(reader.Content, depth))
            {
                return true;
            }
        }

        return false;
    }
}
