using StellaOps.Telemetry.Otlp.Fields;
using StellaOps.Telemetry.Otlp.Schema;
using StellaOps.Telemetry.Otlp.Wire;

namespace StellaOps.Telemetry.Otlp;

/// <summary>One span, one log record or one metric data point, as slices of the request it came in.</summary>
public readonly ref struct OtlpRecord
{
    /// <summary>Its place in the request, in wire order, from 0.</summary>
    public int Index { get; init; }

    /// <summary>Content of the Resource message; empty when there is none.</summary>
    public ReadOnlySpan<byte> Resource { get; init; }

    /// <summary>Schema url of the resource; empty when there is none.</summary>
    public ReadOnlySpan<byte> ResourceSchemaUrl { get; init; }

    /// <summary>Content of the InstrumentationScope message; empty when there is none.</summary>
    public ReadOnlySpan<byte> Scope { get; init; }

    /// <summary>Schema url of the scope; empty when there is none.</summary>
    public ReadOnlySpan<byte> ScopeSchemaUrl { get; init; }

    /// <summary>Which message <see cref="Record"/> is.</summary>
    public OtlpMessage Message { get; init; }

    /// <summary>Content of the Span, LogRecord or data point.</summary>
    public ReadOnlySpan<byte> Record { get; init; }

    /// <summary>The metric around a data point; default for spans and log records.</summary>
    public MetricHeader Metric { get; init; }

    /// <summary>Span: its start. Log record: its time, or when it was observed. Data point: its time.</summary>
    public ulong EventTimeUnixNano { get; init; }

    /// <summary>Trace id of a span or log record; empty when there is none.</summary>
    public ReadOnlySpan<byte> TraceId { get; init; }

    /// <summary>Span id of a span or log record; empty when there is none.</summary>
    public ReadOnlySpan<byte> SpanId { get; init; }

    internal static bool TryReadKey(OtlpMessage message, ReadOnlySpan<byte> record, out ulong time, out ReadOnlySpan<byte> traceId, out ReadOnlySpan<byte> spanId)
    {
        time = 0;
        traceId = default;
        spanId = default;
        ulong observed = 0;
        var reader = new WireReader(record);
        while (reader.TryReadField())
        {
            switch (message, reader.FieldNumber, reader.WireType)
            {
                case (OtlpMessage.Span, TraceFields.Span.StartTimeUnixNano, WireType.Fixed64):
                case (OtlpMessage.LogRecord, LogsFields.LogRecord.TimeUnixNano, WireType.Fixed64):
                    time = reader.Value;
                    break;
                case (OtlpMessage.Span, TraceFields.Span.TraceId, WireType.LengthDelimited):
                case (OtlpMessage.LogRecord, LogsFields.LogRecord.TraceId, WireType.LengthDelimited):
                    traceId = reader.Content;
                    break;
                case (OtlpMessage.Span, TraceFields.Span.SpanId, WireType.LengthDelimited):
                case (OtlpMessage.LogRecord, LogsFields.LogRecord.SpanId, WireType.LengthDelimited):
                    spanId = reader.Content;
                    break;
                case (OtlpMessage.LogRecord, LogsFields.LogRecord.ObservedTimeUnixNano, WireType.Fixed64):
                    observed = reader.Value;
                    break;
                case (not (OtlpMessage.Span or OtlpMessage.LogRecord), MetricsFields.DataPoint.TimeUnixNano, WireType.Fixed64):
                    time = reader.Value;
                    break;
            }
        }

        time = time == 0 ? observed : time;
        return !reader.IsMalformed;
    }
}
