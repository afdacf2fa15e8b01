using System.Buffers.Binary;

namespace StellaOps.Telemetry.Otlp;

/// <summary>The first three parts of the total order of records: event time, trace id, span id. The frames' bytes decide ties.</summary>
public readonly record struct FrameKey(ulong EventTimeUnixNano, UInt128 TraceId, ulong SpanId) : IComparable<FrameKey>
{
    /// <inheritdoc/>
    public int CompareTo(FrameKey other)
    {
        var order = EventTimeUnixNano.CompareTo(other.EventTimeUnixNano);
        order = order != 0 ? order : TraceId.CompareTo(other.TraceId);
        return order != 0 ? order : SpanId.CompareTo(other.SpanId);
    }

    internal static FrameKey Create(ulong time, ReadOnlySpan<byte> traceId, ReadOnlySpan<byte> spanId) => new(
        time,
        traceId.Length == 16 ? BinaryPrimitives.ReadUInt128BigEndian(traceId) : default,
        spanId.Length == 8 ? BinaryPrimitives.ReadUInt64BigEndian(spanId) : default);

    /// <summary>Before.</summary>
    public static bool operator <(FrameKey left, FrameKey right) => left.CompareTo(right) < 0;

    /// <summary>After.</summary>
    public static bool operator >(FrameKey left, FrameKey right) => left.CompareTo(right) > 0;

    /// <summary>Not after.</summary>
    public static bool operator <=(FrameKey left, FrameKey right) => left.CompareTo(right) <= 0;

    /// <summary>Not before.</summary>
    public static bool operator >=(FrameKey left, FrameKey right) => left.CompareTo(right) >= 0;
}
