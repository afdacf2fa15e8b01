using StellaOps.Telemetry.Otlp.Fields;
using StellaOps.Telemetry.Otlp.Wire;

namespace StellaOps.Telemetry.Otlp;

/// <summary>What sampling and search need of a span.</summary>
public readonly ref struct SpanView
{
    /// <summary>The code of a failed span (STATUS_CODE_ERROR).</summary>
    public const int StatusError = 2;

    /// <summary>Content of the whole Span message.</summary>
    public ReadOnlySpan<byte> Content { get; private init; }

    /// <summary>Trace id.</summary>
    public ReadOnlySpan<byte> TraceId { get; private init; }

    /// <summary>Span id.</summary>
    public ReadOnlySpan<byte> SpanId { get; private init; }

    /// <summary>Parent's span id; empty on a root.</summary>
    public ReadOnlySpan<byte> ParentSpanId { get; private init; }

    /// <summary>Name, UTF-8.</summary>
    public ReadOnlySpan<byte> Name { get; private init; }

    /// <summary>SpanKind as a number.</summary>
    public int Kind { get; private init; }

    /// <summary>Start, unix nanoseconds.</summary>
    public ulong StartTimeUnixNano { get; private init; }

    /// <summary>End, unix nanoseconds.</summary>
    public ulong EndTimeUnixNano { get; private init; }

    /// <summary>StatusCode as a number: 0 unset, 1 ok, 2 error.</summary>
    public int StatusCode { get; private init; }

    /// <summary>True when the status is an error.</summary>
    public bool IsError => StatusCode == StatusError;

    /// <summary>End minus start, or 0 where the sender's clock ran backwards.</summary>
    public ulong DurationNano => EndTimeUnixNano > StartTimeUnixNano ? EndTimeUnixNano - StartTimeUnixNano : 0;

    /// <summary>Reads a Span's content; false when it is malformed.</summary>
    public static bool TryRead(ReadOnlySpan<byte> span, out SpanView view)
    {
        ReadOnlySpan<byte> traceId = default, spanId = default, parentSpanId = default, name = default;
        ulong start = 0, end = 0;
        int kind = 0, status = 0;
        var wellFormed = true;
        var reader = new WireReader(span);
        while (reader.TryReadField())
        {
            switch (reader.Tag)
            {
                case (TraceFields.Span.Attributes << WireTag.Shift) | WireTag.LengthDelimited:
                    reader.SkipAlike();
                    break;
                case (TraceFields.Span.TraceId << WireTag.Shift) | WireTag.LengthDelimited:
                    traceId = reader.Content;
                    break;
                case (TraceFields.Span.SpanId << WireTag.Shift) | WireTag.LengthDelimited:
                    spanId = reader.Content;
                    break;
                case (TraceFields.Span.ParentSpanId << WireTag.Shift) | WireTag.LengthDelimited:
                    parentSpanId = reader.Content;
                    break;
                case (TraceFields.Span.Name << WireTag.Shift) | WireTag.LengthDelimited:
                    name = reader.Content;
                    break;
                case (TraceFields.Span.Kind << WireTag.Shift) | WireTag.Varint:
                    kind = (int)reader.Value;
                    break;
                case (TraceFields.Span.StartTimeUnixNano << WireTag.Shift) | WireTag.Fixed64:
                    start = reader.Value;
                    break;
                case (TraceFields.Span.EndTimeUnixNano << WireTag.Shift) | WireTag.Fixed64:
                    end = reader.Value;
                    break;
                case (TraceFields.Span.Status << WireTag.Shift) | WireTag.LengthDelimited:
                    wellFormed &= TryReadStatus(reader.Content, ref status);
                    break;
            }
        }

        view = new SpanView
        {
            Content = span,
            TraceId = traceId,
            SpanId = spanId,
            ParentSpanId = parentSpanId,
            Name = name,
            Kind = kind,
            StartTimeUnixNano = start,
            EndTimeUnixNano = end,
            StatusCode = status,
        };
        return wellFormed && !reader.IsMalformed;
    }

    // A status that comes twice is merged: what the later one does not say stays.
    private static bool TryReadStatus(ReadOnlySpan<byte> content, ref int code)
    {
        var reader = new WireReader(content);
        while (reader.TryReadField())
        {
            if (reader.Tag == ((TraceFields.Status.Code << WireTag.Shift) | WireTag.Varint))
            {
                code = (int)reader.Value;
            }
        }

        return !reader.IsMalformed;
    }
}
