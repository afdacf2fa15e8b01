using System.Buffers.Text;
using System.Text;
using StellaOps.Telemetry.Otlp.Fields;
using StellaOps.Telemetry.Otlp.Wire;

namespace StellaOps.Telemetry.IngestGateway.Sampling;

/// <summary>
/// The attributes that an incident asks for. Each must be on the span or its resource, as a string, a boolean (<c>true</c>) or an integer
/// (<c>500</c>) of that text. Looked at only while such an incident is open for the tenant.
/// </summary>
internal sealed class AttributeMatch(IReadOnlyDictionary<string, string> wanted)
{
    private readonly (byte[] Key, byte[] Value)[] _wanted = [.. wanted.Select(w => (Encoding.UTF8.GetBytes(w.Key), Encoding.UTF8.GetBytes(w.Value)))];

    public bool Holds(ReadOnlySpan<byte> span, ReadOnlySpan<byte> resource)
    {
        foreach (var (key, value) in _wanted)
        {
            if (!Has(span, TraceFields.Span.Attributes, key, value) && !Has(resource, CommonFields.Resource.Attributes, key, value))
            {
                return false;
            }
        }

        return true;
    }

    private static bool Has(ReadOnlySpan<byte> owner, int field, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        var reader = new WireReader(owner);
        while (reader.TryReadField())
        {
            if (reader.FieldNumber == field && Is(reader.Content, key, value))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Is(ReadOnlySpan<byte> attribute, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        ReadOnlySpan<byte> name = default, content = default;
        var reader = new WireReader(attribute);
        while (reader.TryReadField())
        {
            switch (reader.FieldNumber)
            {
                case CommonFields.KeyValue.Key:
                    name = reader.Content;
                    break;
                case CommonFields.KeyValue.Value:
                    content = reader.Content;
                    break;
            }
        }

        return name.SequenceEqual(key) && IsText(content, value);
    }

    private static bool IsText(ReadOnlySpan<byte> anyValue, ReadOnlySpan<byte> text)
    {
        Span<byte> number = stackalloc byte[20];
        var reader = new WireReader(anyValue);
        while (reader.TryReadField())
        {
            switch (reader.FieldNumber)
            {
                case CommonFields.AnyValue.StringValue:
                    return reader.Content.SequenceEqual(text);
                case CommonFields.AnyValue.BoolValue:
                    return text.SequenceEqual(reader.Value != 0 ? "true"u8 : "false"u8);
                case CommonFields.AnyValue.IntValue:
                    return Utf8Formatter.TryFormat((long)reader.Value, number, out var length) && text.SequenceEqual(number[..length]);
            }
        }

        return false;
    }
}
