using System.Buffers.Binary;
using System.Text;

namespace StellaOps.Telemetry.CaptureWorker.FunctionalTests.TestServices;

/// <summary>Small OTLP requests, byte by byte: what the capture sees is exactly what stands here.</summary>
internal static class OtlpBytes
{
    /// <summary>An ExportTraceServiceRequest with one resource and its spans.</summary>
    public static byte[] Spans(string service, params (byte Trace, byte Span, ulong Start, string Name)[] spans) => Request(
        service,
        [.. spans.Select(s => Join(Bytes(1, Repeat(s.Trace, 16)), Bytes(2, Repeat(s.Span, 8)), Text(5, s.Name), Fixed64(7, s.Start), Fixed64(8, s.Start + 1000)))]);

    /// <summary>An ExportLogsServiceRequest with one resource and its log records.</summary>
    public static byte[] Logs(string service, params (ulong Time, string Body)[] logs) => Request(
        service, [.. logs.Select(l => Join(Fixed64(1, l.Time), Bytes(5, Text(1, l.Body))))]);

    /// <summary>An ExportMetricsServiceRequest with one gauge and its points.</summary>
    public static byte[] Gauge(string service, string metric, params (ulong Time, ulong Value)[] points) => Request(
        service, [Join(Text(1, metric), Bytes(5, Join([.. points.Select(p => Bytes(1, Join(Fixed64(3, p.Time), Fixed64(6, p.Value))))])))]);

    private static byte[] Request(string service, byte[][] records)
    {
        var resource = Bytes(1, Join(Text(1, "service.name"), Bytes(2, Text(1, service))));
        var scope = Join(Bytes(1, Text(1, "tests")), Join([.. records.Select(r => Bytes(2, r))]));
        return Bytes(1, Join(Bytes(1, resource), Bytes(2, scope)));
    }

    private static byte[] Repeat(byte value, int count) => [.. Enumerable.Repeat(value, count)];

    private static byte[] Join(params byte[][] parts) => [.. parts.SelectMany(p => p)];

    private static byte[] Text(int field, string text) => Bytes(field, Encoding.UTF8.GetBytes(text));

    private static byte[] Bytes(int field, byte[] content) => [.. Varint((uint)(field << 3) | 2), .. Varint((uint)content.Length), .. content];

    private static byte[] Fixed64(int field, ulong value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        return [.. Varint((uint)(field << 3) | 1), .. bytes];
    }

    private static byte[] Varint(uint value)
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
