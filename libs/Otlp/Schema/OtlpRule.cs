using StellaOps.Telemetry.Otlp.Wire;

namespace StellaOps.Telemetry.Otlp.Schema;

/// <summary>
/// What a walk has to know of a field, in 16 bits: wire type (3), known, repeated, trace id, span id, record, text, message (7).
/// <see cref="OtlpSchema"/> packed, for the one walk that sees every byte that comes in: a flat table of two kilobytes.
/// </summary>
internal readonly struct OtlpRule
{
    private const int KnownBit = 1 << 3;
    private const int RepeatedBit = 1 << 4;
    private const int TraceIdBit = 1 << 5;
    private const int SpanIdBit = 1 << 6;
    private const int RecordBit = 1 << 7;
    private const int TextBit = 1 << 8;
    private const int MessageShift = 9;

    /// <summary>Field numbers per message; all of OTLP's are below.</summary>
    private const int Stride = 32;

    /// <summary>No byte is equal to it.</summary>
    public const int NoTag = -1;

    private static readonly OtlpRule[] s_rules = Build();
    private static readonly short[] s_attributeTags = [.. Enum.GetValues<OtlpMessage>().Select(AttributeTag)];

    private readonly ushort _bits;

    private OtlpRule(OtlpField field)
    {
        _bits = (ushort)((int)field.WireType | KnownBit
            | (field.Repeated ? RepeatedBit : 0)
            | (field.Type == OtlpFieldType.TraceId ? TraceIdBit : 0)
            | (field.Type == OtlpFieldType.SpanId ? SpanIdBit : 0)
            | (OtlpSchema.IsRecord(field.Message) ? RecordBit : 0)
            | (field.Type == OtlpFieldType.String ? TextBit : 0)
            | ((int)field.Message << MessageShift));
    }

    /// <summary>False where the specification has no such field.</summary>
    public bool IsKnown => _bits != 0;

    public bool IsRepeated => (_bits & RepeatedBit) != 0;

    /// <summary>A list of these is counted: spans, log records, data points.</summary>
    public bool IsRecord => (_bits & RecordBit) != 0;

    /// <summary>A string, which is UTF-8; to protobuf anything else there is no message.</summary>
    public bool IsText => (_bits & TextBit) != 0;

    public WireType WireType => (WireType)(_bits & 7);

    /// <summary>The message that the field carries; none for a scalar.</summary>
    public OtlpMessage Message => (OtlpMessage)(_bits >> MessageShift);

    /// <summary>Whether a length-delimited scalar may have so many bytes: ids have their length or none.</summary>
    public bool AllowsLength(int length) => (_bits & (TraceIdBit | SpanIdBit)) == 0 || length == 0 || length == ((_bits & TraceIdBit) != 0 ? 16 : 8);

    /// <summary>The rule of a field.</summary>
    public static OtlpRule Of(OtlpMessage message, uint number) => number < Stride ? s_rules[((int)message * Stride) + (int)number] : default;

    /// <summary>The tag, one byte, of the message's list of attributes; <see cref="NoTag"/> where it has none.</summary>
    public static int AttributeTagOf(OtlpMessage message) => s_attributeTags[(int)message];

    private static short AttributeTag(OtlpMessage message)
    {
        foreach (var field in OtlpSchema.FieldsOf(message))
        {
            if (field is { Repeated: true, Message: OtlpMessage.KeyValue, Number: < 16 })
            {
                return (short)((field.Number << 3) | (int)WireType.LengthDelimited);
            }
        }

        return NoTag;
    }

    private static OtlpRule[] Build()
    {
        var rules = new OtlpRule[((int)OtlpMessage.KeyValueList + 1) * Stride];
        for (var message = OtlpMessage.TracesRequest; message <= OtlpMessage.KeyValueList; message++)
        {
            foreach (var field in OtlpSchema.FieldsOf(message))
            {
                ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(field.Number, Stride);
                rules[((int)message * Stride) + field.Number] = new OtlpRule(field);
            }
        }

        return rules;
    }
}
