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
        while (records.TryReadSpan(out var span))
        {
            // The same memory, not equal bytes: the spans of one resource stand together.
            if (records.Resource != resource)
            {
                resource = records.Resource;
                service = HashOf(ResourceView.TryGetServiceName(resource, out var name) ? name : default);
            }

            var traceId = span.TraceId.Length == 16 ? BinaryPrimitives.ReadUInt128BigEndian(span.TraceId) : 0;

            // A span of no trace is a trace of its own.
            spans.Add(new SpanFeatures(
                records.Index,
                traceId != 0 ? traceId : XxHash128.HashToUInt128(span.Content),
                span.StartTimeUnixNano,
                span.EndTimeUnixNano,
                span.StatusCode,
                service));
        }
    }
}
