using StellaOps.Telemetry.Otlp.Schema;

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
}
