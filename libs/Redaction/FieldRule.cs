using StellaOps.Telemetry.Otlp.Schema;

namespace StellaOps.Telemetry.Redaction;

/// <summary>What the walk has to know of a field: <see cref="OtlpSchema"/> packed into a flat table of two kilobytes.</summary>
internal readonly record struct FieldRule(FieldKind Kind, OtlpMessage Message)
{
    /// <summary>Field numbers per message; all of OTLP's are below.</summary>
    private const int Stride = 32;

    private static readonly FieldRule[] s_rules = Build();

    /// <summary>The rule of a field.</summary>
    public static FieldRule Of(OtlpMessage message, int number) => (uint)number < Stride ? s_rules[((int)message * Stride) + number] : default;

    private static FieldRule[] Build()
    {
        var rules = new FieldRule[((int)OtlpMessage.KeyValueList + 1) * Stride];
        for (var message = OtlpMessage.TracesRequest; message <= OtlpMessage.KeyValueList; message++)
        {
            foreach (var field in OtlpSchema.FieldsOf(message))
            {
                ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(field.Number, Stride);
                rules[((int)message * Stride) + field.Number] = new FieldRule(KindOf(message, field), field.Message);
            }
        }

        return rules;
    }

    private static FieldKind KindOf(OtlpMessage message, OtlpField field) => field.Type switch
    {
        OtlpFieldType.Message => field.Message == OtlpMessage.KeyValue ? FieldKind.KeyValue : FieldKind.Message,
        OtlpFieldType.String or OtlpFieldType.Bytes => FieldKind.Text,
        OtlpFieldType.TraceId => FieldKind.TraceId,
        OtlpFieldType.SpanId => FieldKind.SpanId,
        _ when field.Repeated => FieldKind.Packed,
        OtlpFieldType.Fixed64 => FieldKind.Fixed,
        OtlpFieldType.Double => message == OtlpMessage.AnyValue ? FieldKind.AnyDouble : FieldKind.PointDouble,
        OtlpFieldType.Int64 => FieldKind.AnyInt,
        OtlpFieldType.SFixed64 => FieldKind.PointInt,
        _ => FieldKind.Small,
    };
}
