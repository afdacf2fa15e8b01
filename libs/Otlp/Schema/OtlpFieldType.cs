namespace StellaOps.Telemetry.Otlp.Schema;

/// <summary>What a field carries.</summary>
public enum OtlpFieldType : byte
{
    /// <summary>Not a field of the message: unknown to this version of the specification.</summary>
    Unknown,
    String,
    Bytes,

    /// <summary>Bytes of length 0 or 16, hex in JSON.</summary>
    TraceId,

    /// <summary>Bytes of length 0 or 8, hex in JSON.</summary>
    SpanId,
    Message,
    Bool,
    Int64,
    UInt32,
    UInt64,
    SInt32,
    Fixed32,
    Fixed64,
    SFixed64,
    Double,
    SpanKind,
    StatusCode,
    SeverityNumber,
    AggregationTemporality,
}
