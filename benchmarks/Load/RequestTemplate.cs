namespace StellaOps.Telemetry.Benchmarks.Load;

/// <summary>An Export request that is serialised once and sent many times: only the places named here change.</summary>
/// <param name="Bytes">The request, protobuf.</param>
/// <param name="Records">Spans, log records or data points in it.</param>
/// <param name="Places">Where ids and times stand.</param>
/// <param name="Cuts">Offsets at which the bytes may be cut without cutting a place: ends of records, ascending, the last one the end.</param>
public sealed record RequestTemplate(byte[] Bytes, int Records, Place[] Places, int[] Cuts);

/// <summary>What stands at a place.</summary>
public enum PlaceKind : byte
{
    TraceId,
    SpanId,
    ParentSpanId,
    Start,
    End,
}

/// <summary>A place of fixed length in a request.</summary>
/// <param name="Trace">Which of the request's traces, from 0.</param>
/// <param name="Span">Which of the trace's spans, from 0.</param>
public readonly record struct Place(int Offset, PlaceKind Kind, short Trace, short Span);
