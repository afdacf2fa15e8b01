using System.Buffers.Binary;

namespace StellaOps.Telemetry.Benchmarks.Load;

/// <summary>Writes ids that were never used before, and the present time, over a prepared request. No allocation: it runs for every request.</summary>
public sealed class Stamper(ulong seed)
{
    private const long NanosPerMillisecond = 1_000_000;

    /// <param name="buffer">Holds the request, perhaps with framing around it.</param>
    /// <param name="places">As <see cref="RequestTemplate.Places"/>, moved by the framing.</param>
    /// <param name="group">Requests of one group carry parts of the same traces; a group comes once.</param>
    /// <param name="nowUnixNano">The time of the newest record.</param>
    public void Stamp(Span<byte> buffer, ReadOnlySpan<Place> places, long group, long nowUnixNano)
    {
        var first = (ulong)group * TraceLoad.TracesPerRequest;
        foreach (var place in places)
        {
            var target = buffer[place.Offset..];
            var trace = first + (ulong)place.Trace;
            switch (place.Kind)
            {
                case PlaceKind.TraceId:
                    BinaryPrimitives.WriteUInt64LittleEndian(target, Mix(seed + (2 * trace)));
                    BinaryPrimitives.WriteUInt64LittleEndian(target[8..], Mix(seed + (2 * trace) + 1));
                    break;
                case PlaceKind.SpanId:
                    BinaryPrimitives.WriteUInt64LittleEndian(target, SpanId(trace, place.Span));
                    break;
                case PlaceKind.ParentSpanId:
                    BinaryPrimitives.WriteUInt64LittleEndian(target, SpanId(trace, (place.Span - 1) / 2));
                    break;
                case PlaceKind.Start:
                    BinaryPrimitives.WriteInt64LittleEndian(target, nowUnixNano - ((TraceLoad.SpansPerTrace - place.Span) * NanosPerMillisecond));
                    break;
                case PlaceKind.End:
                    BinaryPrimitives.WriteInt64LittleEndian(target, nowUnixNano - (place.Span * NanosPerMillisecond / 4));
                    break;
            }
        }
    }

    private ulong SpanId(ulong trace, int span) => Mix(~seed + (trace * TraceLoad.SpansPerTrace) + (ulong)span);

    /// <summary>SplitMix64: every input has an output of its own.</summary>
    private static ulong Mix(ulong x)
    {
        x += 0x9E3779B97F4A7C15;
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return x ^ (x >> 31);
    }
}
