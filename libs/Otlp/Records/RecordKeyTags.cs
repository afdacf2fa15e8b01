using StellaOps.Telemetry.Otlp.Fields;
using StellaOps.Telemetry.Otlp.Schema;
using StellaOps.Telemetry.Otlp.Wire;

namespace StellaOps.Telemetry.Otlp;

/// <summary>The tags of the fields that place a record in the total order; 0, which no field has, where its message lacks one.</summary>
internal readonly struct RecordKeyTags
{
    private const uint PointTime = (MetricsFields.DataPoint.TimeUnixNano << WireTag.Shift) | WireTag.Fixed64;

    private readonly uint _time;
    private readonly uint _observed;
    private readonly uint _traceId;
    private readonly uint _spanId;

    private RecordKeyTags(uint time, uint observed, uint traceId, uint spanId)
    {
        _time = time;
        _observed = observed;
        _traceId = traceId;
        _spanId = spanId;
    }

    public static RecordKeyTags Of(OtlpMessage record) => record switch
    {
        OtlpMessage.Span => new RecordKeyTags(
            (TraceFields.Span.StartTimeUnixNano << WireTag.Shift) | WireTag.Fixed64,
            0,
            (TraceFields.Span.TraceId << WireTag.Shift) | WireTag.LengthDelimited,
            (TraceFields.Span.SpanId << WireTag.Shift) | WireTag.LengthDelimited),
        OtlpMessage.LogRecord => new RecordKeyTags(
            (LogsFields.LogRecord.TimeUnixNano << WireTag.Shift) | WireTag.Fixed64,
            (LogsFields.LogRecord.ObservedTimeUnixNano << WireTag.Shift) | WireTag.Fixed64,
            (LogsFields.LogRecord.TraceId << WireTag.Shift) | WireTag.LengthDelimited,
            (LogsFields.LogRecord.SpanId << WireTag.Shift) | WireTag.LengthDelimited),
        _ => new RecordKeyTags(PointTime, 0, 0, 0),
    };

    /// <summary>Reads them out of a record; false when it is malformed.</summary>
    public bool TryRead(ReadOnlySpan<byte> record, out ulong time, out ReadOnlySpan<byte> traceId, out ReadOnlySpan<byte> spanId)
    {
        time = 0;
        traceId = default;
        spanId = default;
        ulong observed = 0;
        var reader = new WireReader(record);
        while (reader.TryReadField())
        {
            if (reader.Tag == _time)
            {
                time = reader.Value;
            }
            else if (reader.Tag == _traceId)
            {
                traceId = reader.Content;
            }
            else if (reader.Tag == _spanId)
            {
                spanId = reader.Content;
            }
            else if (reader.Tag == _observed)
            {
                observed = reader.Value;
            }
            else
            {
                reader.SkipAlike();
            }
        }

        time = time == 0 ? observed : time;
        return !reader.IsMalformed;
    }
}
