using System.Buffers.Binary;
using System.Text;

namespace StellaOps.Telemetry.IngestGateway.Tests.TestServices;

/// <summary>One span of a request under test.</summary>
internal sealed record TestSpan(ulong Trace, int StatusCode = 0, ulong Start = 1, ulong End = 2, string Name = "span", string? Route = null);

/// <summary>Writes ExportTraceServiceRequests by hand.</summary>
internal static class SpanRequest
{
    public static byte[] TraceId(ulong trace)
    {
        var id = new byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(id, 0xABCD);
        BinaryPrimitives.WriteUInt64BigEndian(id.AsSpan(8), trace);
        return id;
    }

    public static byte[] Of(string service, params TestSpan[] spans)
    {
        var attribute = Join(Field(1, "service.name"u8.ToArray()), Field(2, Field(1, Encoding.UTF8.GetBytes(service))));
        var scope = Join([.. spans.Select(s => Field(2, Span(s)))]);
        return Field(1, Join(Field(1, Field(1, attribute)), Field(2, scope)));
    }

    public static byte[] Field(int number, byte[] content) => [(byte)((number << 3) | 2), .. Varint((ulong)content.Length), .. content];

    private static byte[] Span(TestSpan span)
    {
        var times = new byte[18];
        times[0] = (7 << 3) | 1;
        BinaryPrimitives.WriteUInt64LittleEndian(times.AsSpan(1), span.Start);
        times[9] = (8 << 3) | 1;
        BinaryPrimitives.WriteUInt64LittleEndian(times.AsSpan(10), span.End);
        var route = span.Route is null ? [] : Field(9, Join(Field(1, "http.route"u8.ToArray()), Field(2, Field(1, Encoding.UTF8.GetBytes(span.Route)))));
        return Join(Field(1, TraceId(span.Trace)), Field(2, new byte[8]), Field(5, Encoding.UTF8.GetBytes(span.Name)), times, route, Field(15, [3 << 3, (byte)span.StatusCode]));
    }

    private static byte[] Join(params byte[][] parts) => [.. parts.SelectMany(p => p)];

    private static byte[] Varint(ulong value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7)
        {
            bytes.Add((byte)(value | 0x80));
        }

        bytes.Add((byte)value);
        return [.. bytes];
    }
}
