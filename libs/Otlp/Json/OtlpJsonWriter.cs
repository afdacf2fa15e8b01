using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using StellaOps.Telemetry.Otlp.Schema;
using StellaOps.Telemetry.Otlp.Wire;

namespace StellaOps.Telemetry.Otlp;

/// <summary>
/// Shows an OTLP request in protobuf as OTLP/JSON (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding): for people and for
/// comparisons, not for a hot path. Fields that the specification does not know have no name in JSON and are left out.
/// </summary>
public static class OtlpJsonWriter
{
    private const int MaxDepth = 100;

    /// <summary>Writes; false where the bytes are no such request, with an unfinished text in the writer.</summary>
    public static bool TryWrite(OtlpSignal signal, ReadOnlySpan<byte> request, Utf8JsonWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        return TryWriteMessage(OtlpSchema.RequestOf(signal), request, writer, MaxDepth);
    }

    private static bool TryWriteMessage(OtlpMessage message, ReadOnlySpan<byte> content, Utf8JsonWriter writer, int depth)
    {
        if (depth == 0)
        {
            return false;
        }

        writer.WriteStartObject();
        foreach (var field in OtlpSchema.FieldsOf(message))
        {
            if (!TryWriteField(field, content, writer, depth))
            {
                return false;
            }
        }

        writer.WriteEndObject();
        return true;
    }

    /// <summary>Writes all values of one field, wherever they stand in the message.</summary>
    private static bool TryWriteField(OtlpField field, ReadOnlySpan<byte> content, Utf8JsonWriter writer, int depth)
    {
        var isOpen = false;
        var reader = new WireReader(content);
        while (reader.TryReadField())
        {
            if (reader.FieldNumber != field.Number)
            {
                continue;
            }

            if (!isOpen)
            {
                writer.WritePropertyName(field.JsonName);
                if (field.Repeated)
                {
                    writer.WriteStartArray();
                }
            }
            else if (!field.Repeated)
            {
                return false;
            }

            isOpen = true;
            var isWritten = reader.WireType == field.WireType
                ? TryWriteValue(field, ref reader, writer, depth)
                : field.Repeated && reader.WireType == WireType.LengthDelimited && TryWritePacked(field, reader.Content, writer);
            if (!isWritten)
            {
                return false;
            }
        }

        if (isOpen && field.Repeated)
        {
            writer.WriteEndArray();
        }

        return !reader.IsMalformed;
    }

    private static bool TryWriteValue(OtlpField field, ref WireReader reader, Utf8JsonWriter writer, int depth)
    {
        switch (field.Type)
        {
            case OtlpFieldType.Message:
                return TryWriteMessage(field.Message, reader.Content, writer, depth - 1);
            case OtlpFieldType.String:
                writer.WriteStringValue(Encoding.UTF8.GetString(reader.Content));
                return true;
            case OtlpFieldType.Bytes:
                writer.WriteBase64StringValue(reader.Content);
                return true;
            case OtlpFieldType.TraceId or OtlpFieldType.SpanId:
                writer.WriteStringValue(Convert.ToHexStringLower(reader.Content));
                return true;
            default:
                WriteNumber(field.Type, reader.Value, writer);
                return true;
        }
    }

    private static bool TryWritePacked(OtlpField field, ReadOnlySpan<byte> content, Utf8JsonWriter writer)
    {
        var at = 0;
        while (at < content.Length)
        {
            ulong value;
            if (field.WireType == WireType.Varint)
            {
                if (!Varint.TryRead(content, ref at, out value))
                {
                    return false;
                }
            }
            else
            {
                if (content.Length - at < 8)
                {
                    return false;
                }

                value = BinaryPrimitives.ReadUInt64LittleEndian(content[at..]);
                at += 8;
            }

            WriteNumber(field.Type, value, writer);
        }

        return true;
    }

    private static void WriteNumber(OtlpFieldType type, ulong value, Utf8JsonWriter writer)
    {
        switch (type)
        {
            case OtlpFieldType.Bool:
                writer.WriteBooleanValue(value != 0);
                break;
            case OtlpFieldType.Int64 or OtlpFieldType.SFixed64:
                writer.WriteStringValue(((long)value).ToString(System.Globalization.CultureInfo.InvariantCulture));
                break;
            case OtlpFieldType.UInt64 or OtlpFieldType.Fixed64:
                writer.WriteStringValue(value.ToString(System.Globalization.CultureInfo.InvariantCulture));
                break;
            case OtlpFieldType.SInt32:
                writer.WriteNumberValue((int)(uint)(value >> 1) ^ -(int)(value & 1));
                break;
            case OtlpFieldType.Double:
                WriteDouble(BitConverter.UInt64BitsToDouble(value), writer);
                break;
            default:
                writer.WriteNumberValue((long)value);
                break;
        }
    }

    private static void WriteDouble(double value, Utf8JsonWriter writer)
    {
        if (double.IsFinite(value))
        {
            writer.WriteNumberValue(value);
        }
        else
        {
            writer.WriteStringValue(double.IsNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity");
        }
    }
}
