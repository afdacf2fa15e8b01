using System.Buffers.Binary;
using Google.Protobuf;
using OpenTelemetry.Proto.Collector.Trace.V1;
using StellaOps.Telemetry.Tests.Shared.Stack;

namespace StellaOps.Telemetry.Tests.Shared.Telemetry;

/// <summary>Reads what is in a bundle with generated types, not with the product's own reader.</summary>
public static class BundleContent
{
    /// <summary>Every span, as (trace id, span id) in lower-case hex.</summary>
    public static IReadOnlyList<(string TraceId, string SpanId)> Spans(CapturedBundle bundle) =>
    [
        .. from request in Read(bundle, "traces", ExportTraceServiceRequest.Parser)
           let span = request.ResourceSpans.Single().ScopeSpans.Single().Spans.Single()
           select (Convert.ToHexStringLower(span.TraceId.Span), Convert.ToHexStringLower(span.SpanId.Span)),
    ];

    /// <summary>Every record of a signal: an export request with that record alone.</summary>
    public static IEnumerable<T> Read<T>(CapturedBundle bundle, string signal, MessageParser<T> parser)
        where T : IMessage<T> =>
        from archive in bundle.Archives
        from part in PersonalDataSearch.ReadBundle(archive)
        where part.Key.StartsWith("data/" + signal, StringComparison.Ordinal)
        from request in ReadFrames(part.Value, parser)
        select request;

    private static IEnumerable<T> ReadFrames<T>(byte[] content, MessageParser<T> parser)
        where T : IMessage<T>
    {
        for (var at = 0; at < content.Length;)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(content.AsSpan(at));
            yield return parser.ParseFrom(content, at + 4, length);
            at += 4 + length;
        }
    }
}
