using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using StellaOps.Telemetry.Otlp.Json;
using StellaOps.Telemetry.Otlp.Schema;
using StellaOps.Telemetry.Otlp.Wire;

namespace StellaOps.Telemetry.Otlp;

/// <summary>
/// Turns an OTLP/JSON request into protobuf (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding): ids in hex, other bytes
/// in base64, 64-bit integers as strings or numbers, enums as numbers or names, lowerCamelCase keys, unknown keys ignored, null is
/// absent. The result goes through <see cref="OtlpRequestValidator"/> like any other request.
/// </summary>
public static class OtlpJson
{
    /// <summary>Converts. False, with what is wrong and where, and nothing written, when the text is no such request.</summary>
    public static bool TryToProtobuf(OtlpSignal signal, ReadOnlySpan<byte> utf8Json, OtlpLimits limits, IBufferWriter<byte> output, [NotNullWhen(false)] out string? error)
    {
        ArgumentNullException.ThrowIfNull(limits);
        ArgumentNullException.ThrowIfNull(output);

        // A message is an object, and a list stands around most of them: twice the depth, and room for unknown keys.
        var reader = new Utf8JsonReader(utf8Json, new JsonReaderOptions { MaxDepth = (limits.MaxDepth * 2) + 2 });
        var scratch = new JsonScratch(utf8Json.Length);
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                error = "The body is not a JSON object.";
                return false;
            }

            if (!TryReadMessage(OtlpSchema.RequestOf(signal), ref reader, ref scratch, limits.MaxDepth, out var fault))
            {
                error = $"{fault} at byte {reader.TokenStartIndex}.";
                return false;
            }

            if (reader.Read())
            {
                error = $"Something follows the request at byte {reader.TokenStartIndex}.";
                return false;
            }

            output.Write(scratch.Written);
            error = null;
            return true;
        }
        catch (JsonException e)
        {
            // Its message quotes a character at most, never a value of the sender's.
            error = $"The body is not JSON: line {e.LineNumber + 1}, byte {e.BytePositionInLine}.";
            return false;
        }
        catch (InvalidOperationException)
        {
            // Utf8JsonReader's answer to a string that is no UTF-8 or half a surrogate pair.
            error = $"A string is not valid Unicode at byte {reader.TokenStartIndex}.";
            return false;
        }
        finally
        {
            scratch.Dispose();
        }
    }

    private static bool TryReadMessage(OtlpMessage message, ref Utf8JsonReader reader, ref JsonScratch scratch, int depth, out JsonFault fault)
    {
        fault = JsonFault.TooDeep;
        if (depth == 0)
        {
            return false;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var field = Find(message, ref reader);
            reader.Read();
            if (field is null)
            {
                reader.Skip();
            }
            else if (reader.TokenType != JsonTokenType.Null && !TryReadField(field, ref reader, ref scratch, depth, out fault))
            {
                return false;
            }
        }

        return true;
    }

    private static OtlpField? Find(OtlpMessage message, ref Utf8JsonReader reader)
    {
        var isPlain = !reader.ValueIsEscaped;
        var key = reader.ValueSpan;
        foreach (var field in OtlpSchema.FieldsOf(message))
        {
            if (isPlain ? key.SequenceEqual(field.JsonNameUtf8) : reader.ValueTextEquals(field.JsonNameUtf8))
            {
                return field;
            }
        }

        return null;
    }

    private static bool TryReadField(OtlpField field, ref Utf8JsonReader reader, ref JsonScratch scratch, int depth, out JsonFault fault)
    {
        if (!field.Repeated)
        {
            return TryReadOne(field, ref reader, ref scratch, depth, out fault);
        }

        fault = new JsonFault(JsonFaultKind.NotAList, field);
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            return false;
        }

        if (field.WireType == WireType.LengthDelimited)
        {
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                if (!TryReadOne(field, ref reader, ref scratch, depth, out fault))
                {
                    return false;
                }
            }

            return true;
        }

        var tagStart = scratch.Length;
        scratch.WriteTag(field.Number, WireType.LengthDelimited);
        var start = scratch.BeginLength();
        fault = new JsonFault(JsonFaultKind.NotAnElement, field);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (!TryWriteNumber(field, ref reader, ref scratch))
            {
                return false;
            }
        }

        if (scratch.Length == start)
        {
            scratch.Truncate(tagStart);
        }
        else
        {
            scratch.EndLength(start);
        }

        return true;
    }

    private static bool TryReadOne(OtlpField field, ref Utf8JsonReader reader, ref JsonScratch scratch, int depth, out JsonFault fault)
    {
        fault = new JsonFault(JsonFaultKind.NotAValue, field);
        scratch.WriteTag(field.Number, field.WireType);
        switch (field.Type)
        {
            case OtlpFieldType.Message:
                if (reader.TokenType != JsonTokenType.StartObject)
                {
                    return false;
                }

                var start = scratch.BeginLength();
                if (!TryReadMessage(field.Message, ref reader, ref scratch, depth - 1, out fault))
                {
                    return false;
                }

                scratch.EndLength(start);
                return true;
            case OtlpFieldType.String:
                return reader.TokenType == JsonTokenType.String && TryWriteString(ref reader, ref scratch);
            case OtlpFieldType.Bytes:
            case OtlpFieldType.TraceId:
            case OtlpFieldType.SpanId:
                return reader.TokenType == JsonTokenType.String && TryWriteBytes(field.Type, ref reader, ref scratch);
            default:
                return TryWriteNumber(field, ref reader, ref scratch);
        }
    }

    private static bool TryWriteString(ref Utf8JsonReader reader, ref JsonScratch scratch)
    {
        var start = scratch.BeginLength();

        // The raw text of a token is never shorter than what it says; it lies in memory already, so this is no claimed length.
        scratch.Advance(reader.CopyString(scratch.Reserve(reader.ValueSpan.Length + 1)));
        scratch.EndLength(start);
        return true;
    }

    private static bool TryWriteBytes(OtlpFieldType type, ref Utf8JsonReader reader, ref JsonScratch scratch)
    {
        var start = scratch.BeginLength();
        var destination = scratch.Reserve(reader.ValueSpan.Length + 4);
        bool isRead;
        int written;
        if (type != OtlpFieldType.Bytes && !reader.ValueIsEscaped)
        {
            isRead = Convert.FromHexString(reader.ValueSpan, destination, out _, out written) == OperationStatus.Done;
        }
        else
        {
            isRead = TryDecode(type, ref reader, destination, out written);
        }

        scratch.Advance(written);
        scratch.EndLength(start);
        return isRead;
    }

    private static bool TryDecode(OtlpFieldType type, ref Utf8JsonReader reader, Span<byte> destination, out int written)
    {
        var rented = ArrayPool<byte>.Shared.Rent(reader.ValueSpan.Length + 4);
        try
        {
            var length = reader.CopyString(rented);
            return type == OtlpFieldType.Bytes
                ? JsonBytes.TryFromBase64(rented, length, destination, out written)
                : Convert.FromHexString(rented.AsSpan(0, length), destination, out _, out written) == OperationStatus.Done;
        }
        finally
        {
            // What was copied may be personal data, and the next renter is anyone.
            ArrayPool<byte>.Shared.Return(rented, clearArray: true);
        }
    }

    private static bool TryWriteNumber(OtlpField field, ref Utf8JsonReader reader, ref JsonScratch scratch)
    {
        switch (field.Type)
        {
            case OtlpFieldType.Bool:
                scratch.WriteVarint(reader.TokenType == JsonTokenType.True ? 1u : 0u);
                return reader.TokenType is JsonTokenType.True or JsonTokenType.False;
            case OtlpFieldType.Int64:
                var isInt64 = JsonNumber.TryGetInt64(ref reader, out var int64);
                scratch.WriteVarint((ulong)int64);
                return isInt64;
            case OtlpFieldType.SFixed64:
                var isSFixed64 = JsonNumber.TryGetInt64(ref reader, out var sfixed64);
                scratch.WriteFixed64((ulong)sfixed64);
                return isSFixed64;
            case OtlpFieldType.UInt64:
                var isUInt64 = JsonNumber.TryGetUInt64(ref reader, out var uint64);
                scratch.WriteVarint(uint64);
                return isUInt64;
            case OtlpFieldType.Fixed64:
                var isFixed64 = JsonNumber.TryGetUInt64(ref reader, out var fixed64);
                scratch.WriteFixed64(fixed64);
                return isFixed64;
            case OtlpFieldType.UInt32:
                var isUInt32 = JsonNumber.TryGetUInt64(ref reader, out var uint32) && uint32 <= uint.MaxValue;
                scratch.WriteVarint(uint32);
                return isUInt32;
            case OtlpFieldType.Fixed32:
                var isFixed32 = JsonNumber.TryGetUInt64(ref reader, out var fixed32) && fixed32 <= uint.MaxValue;
                scratch.WriteFixed32((uint)fixed32);
                return isFixed32;
            case OtlpFieldType.SInt32:
                var isSInt32 = JsonNumber.TryGetInt64(ref reader, out var sint32) && sint32 is >= int.MinValue and <= int.MaxValue;
                scratch.WriteVarint((uint)(((int)sint32 << 1) ^ ((int)sint32 >> 31)));
                return isSInt32;
            case OtlpFieldType.Double:
                var isDouble = JsonNumber.TryGetDouble(ref reader, out var number);
                scratch.WriteFixed64(BitConverter.DoubleToUInt64Bits(number));
                return isDouble;
            default:
                var isEnum = JsonNumber.TryGetEnum(field.Type, ref reader, out var value);
                scratch.WriteVarint((ulong)(long)value);
                return isEnum;
        }
    }
}
