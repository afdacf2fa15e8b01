using System.Buffers.Binary;
using OpenTelemetry.Proto.Collector.Trace.V1;
using StellaOps.Telemetry.Tests.Shared.Stack;

namespace StellaOps.Telemetry.Tests.Shared.Telemetry;

/// <summary>Reads what is in a bundle with generated types, not with the product's own reader.</summary>
public static class BundleContent
{
    /// <summary>Every span, as (trace id, span id) in lower-case hex.</summary>
    public static IReadOnlyList<(string TraceId, string SpanId)> Spans(CapturedBundle bundle)
    {
        var spans = new List<(string, string)>();
        foreach (var archive in bundle.Archives)
        {
            foreach (var (name, content) in PersonalDataSearch.ReadBundle(archive))
            {
                if (name.StartsWith("data/traces", StringComparison.Ordinal))
                {
                    spans.AddRange(ReadFrames(content));
                }
            }
        }

        return spans;
    }

    private static IEnumerable<(string TraceId, string SpanId)> ReadFrames(byte[] content)
    {
        for (var at = 0; at < content.Length;)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(content.AsSpan(at));
            var request = ExportTraceServiceRequest.Parser.ParseFrom(content, at + 4, length);
            var span = request.ResourceSpans.Single().ScopeSpans.Single().Spans.Single();
            yield return (Convert.ToHexStringLower(span.TraceId.Span), Convert.ToHexStringLower(span.SpanId.Span));
            at += 4 + length;
        }
    }
}
