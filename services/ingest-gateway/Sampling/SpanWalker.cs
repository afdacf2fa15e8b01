using System.Buffers.Binary;
using System.IO.Hashing;
using StellaOps.Telemetry.Otlp;

namespace StellaOps.Telemetry.IngestGateway.Sampling;

/// <summary>What the sampler takes from a span.</summary>
internal readonly record struct SpanFeatures(int Index, UInt128 TraceId, ulong Start, ulong End, int StatusCode, ulong ServiceHash);

/// <summary>Reads the features of a trace request's spans, in wire order.</summary>
internal static class SpanWalker
{
    public static ulong HashOf(ReadOnlySpan<byte> serviceName) => XxHash3.HashToUInt64(serviceName);

    public static void Walk(ReadOnlySpan<byte> request, List<SpanFeatures> spans)
    {
        var records = new RecordReader(OtlpSignal.Traces, request);
        ReadOnlySpan<byte> resource = default;
        var service = HashOf(default);
        while (records.TryRead(out var record))
        {
            // The same memory, not equal bytes: the spans of one resource stand together.
            if (record.Resource != resource)
            {
                resource = record.Resource;
                service = HashOf(ResourceView.TryGetServiceName(resource, out var name) ? name : default);
            }

            var isRead = SpanView.TryRead(record.Record, out var span);
            var traceId = record.TraceId.Length == 16 ? BinaryPrimitives.ReadUInt128BigEndian(record.TraceId) : 0;

            // A span of no trace is a trace of its own.
            spans.Add(new SpanFeatures(
                record.Index,
                traceId != 0 ? traceId : XxHash128.HashToUInt128(record.Record),
                isRead ? span.StartTimeUnixNano : 0,
                isRead ? span.EndTimeUnixNano : 0,
                isRead ? span.StatusCode : 0,
                service));
        }
    }
}
