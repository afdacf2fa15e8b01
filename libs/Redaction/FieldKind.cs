namespace StellaOps.Telemetry.Redaction;

/// <summary>How the walk treats a field.</summary>
internal enum FieldKind : byte
{
    /// <summary>Not in the specification: dropped when it holds what a rule finds.</summary>
    Unknown,

    /// <summary>Text or bytes.</summary>
    Text,
    TraceId,
    SpanId,

    /// <summary>A varint of at most 32 bits, an enum or a flag.</summary>
    Small,

    /// <summary>Timestamps, counts and flags of fixed width.</summary>
    Fixed,

    /// <summary>A list of numbers, packed or not.</summary>
    Packed,

    /// <summary>Integer of an AnyValue.</summary>
    AnyInt,

    /// <summary>Double of an AnyValue.</summary>
    AnyDouble,

    /// <summary>Integer measurement.</summary>
    PointInt,

    /// <summary>Double measurement.</summary>
    PointDouble,
    Message,
    KeyValue,
}
