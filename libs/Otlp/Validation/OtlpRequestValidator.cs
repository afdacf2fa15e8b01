using StellaOps.Telemetry.Otlp.Schema;
using StellaOps.Telemetry.Otlp.Wire;

namespace StellaOps.Telemetry.Otlp;

/// <summary>
/// Checks a request before anything else looks at it: every known field is well-formed down to the last nested value, ids have their
/// length, nesting and record count are bounded, and nothing is there that readers would merge differently (<see cref="RecordReader"/>).
/// Unknown fields pass if they are protobuf fields. One pass, no allocation, recursion bounded by <see cref="OtlpLimits.MaxDepth"/>.
/// </summary>
public static class OtlpRequestValidator
{
    /// <summary>Checks, and counts the records seen until the outcome was known.</summary>
    public static OtlpOutcome Validate(OtlpSignal signal, ReadOnlySpan<byte> request, OtlpLimits limits, out int recordCount)
    {
        recordCount = 0;
        var root = OtlpSchema.RequestOf(signal);
        return root == OtlpMessage.None ? OtlpOutcome.Malformed : Check(root, request, limits, depth: 1, valueDepth: 0, ref recordCount);
    }

    private static OtlpOutcome Check(OtlpMessage message, ReadOnlySpan<byte> content, OtlpLimits limits, int depth, int valueDepth, ref int records)
    {
        if (message is OtlpMessage.ArrayValue or OtlpMessage.KeyValueList)
        {
            valueDepth++;
        }

        if (depth > limits.MaxDepth || valueDepth > limits.MaxValueDepth)
        {
            return OtlpOutcome.TooDeep;
        }

        var singular = IsContainer(message);
        uint seen = 0;
        var pointsEnded = -1;
        var reader = new WireReader(content);
        while (reader.TryReadField())
        {
            var field = OtlpSchema.Find(message, reader.FieldNumber);
            if (field is null)
            {
                continue;
            }

            if (singular && !field.Repeated)
            {
                var bit = message == OtlpMessage.Metric && field.Message != OtlpMessage.None ? 1u : 1u << field.Number;
                if ((seen & bit) != 0)
                {
                    return OtlpOutcome.Malformed;
                }

                seen |= bit;
            }

            if (field.Type != OtlpFieldType.Message)
            {
                if (!IsScalar(field, in reader))
                {
                    return OtlpOutcome.Malformed;
                }

                continue;
            }

            if (reader.WireType != WireType.LengthDelimited)
            {
                return OtlpOutcome.Malformed;
            }

            if (OtlpSchema.IsRecord(field.Message))
            {
                if (++records > limits.MaxRecords)
                {
                    return OtlpOutcome.TooManyRecords;
                }

                // Points of one metric stand together, or their surroundings could not be told in one look.
                if (message is not (OtlpMessage.ScopeSpans or OtlpMessage.ScopeLogs))
                {
                    if (pointsEnded >= 0 && pointsEnded != reader.FieldStart)
                    {
                        return OtlpOutcome.Malformed;
                    }

                    pointsEnded = reader.FieldEnd;
                }
            }

            var outcome = Check(field.Message, reader.Content, limits, depth + 1, valueDepth, ref records);
            if (outcome != OtlpOutcome.Valid)
            {
                return outcome;
            }
        }

        return reader.IsMalformed ? OtlpOutcome.Malformed : OtlpOutcome.Valid;
    }

    private static bool IsContainer(OtlpMessage message) => message is OtlpMessage.ResourceSpans or OtlpMessage.ScopeSpans
        or OtlpMessage.ResourceLogs or OtlpMessage.ScopeLogs or OtlpMessage.ResourceMetrics or OtlpMessage.ScopeMetrics or OtlpMessage.Metric;

    private static bool IsScalar(OtlpField field, in WireReader reader) => field.Type switch
    {
        OtlpFieldType.TraceId => reader.WireType == WireType.LengthDelimited && reader.Content.Length is 0 or 16,
        OtlpFieldType.SpanId => reader.WireType == WireType.LengthDelimited && reader.Content.Length is 0 or 8,
        _ when reader.WireType == field.WireType => true,
        _ => field.Repeated && reader.WireType == WireType.LengthDelimited && IsPacked(field.WireType, reader.Content),
    };

    private static bool IsPacked(WireType type, ReadOnlySpan<byte> content)
    {
        if (type != WireType.Varint)
        {
            return content.Length % (type == WireType.Fixed64 ? 8 : 4) == 0;
        }

        var length = 0;
        foreach (var b in content)
        {
            length++;
            if (length > 10 || (length == 10 && b > 1))
            {
                return false;
            }

            length = b < 0x80 ? 0 : length;
        }

        return length == 0;
    }
}
