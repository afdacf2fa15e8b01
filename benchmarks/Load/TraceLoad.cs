using Google.Protobuf;
using OpenTelemetry.Proto.Collector.Trace.V1;
using OpenTelemetry.Proto.Common.V1;
using OpenTelemetry.Proto.Trace.V1;

namespace StellaOps.Telemetry.Benchmarks.Load;

/// <summary>
/// Requests of 100 spans. Four requests, the parts of a group, carry 25 traces of 16 spans: four spans of each trace in each request, so that
/// no request holds a whole trace. One trace in 25 has an error, in its last part.
/// </summary>
public static class TraceLoad
{
    public const int SpansPerRequest = 100;
    public const int SpansPerTrace = 16;
    public const int Parts = 4;
    public const int TracesPerRequest = SpansPerRequest * Parts / SpansPerTrace;

    /// <summary>What a span weighs on average, its share of the resource included.</summary>
    public const int BytesPerSpan = 1127;

    private const int ErrorTrace = 7;
    private const int SpansPerTraceAndRequest = SpansPerTrace / Parts;

    /// <summary>Every variation has texts of its own, so that no cache sees the same values in every request.</summary>
    public static RequestTemplate Create(int variation, int part)
    {
        // The filler makes up what the other attributes lack: one round to measure, one to meet the size.
        var bare = Build(variation, part, 0);
        var missing = (BytesPerSpan * SpansPerRequest) - bare.CalculateSize();
        return Places.OfTraces(Build(variation, part, Math.Max(0, missing / SpansPerRequest)).ToByteArray(), part * SpansPerTraceAndRequest);
    }

    private static ExportTraceServiceRequest Build(int variation, int part, int filler)
    {
        var shapes = new Shapes((variation * Parts) + part);
        string[] services = ["checkout", "catalogue", "payments", "fulfilment"];
        var scope = new ScopeSpans { Scope = new InstrumentationScope { Name = "example.shop.instrumentation", Version = "2.9.0" }, SchemaUrl = "https://opentelemetry.io/schemas/1.37.0" };
        for (var i = 0; i < SpansPerRequest; i++)
        {
            scope.Spans.Add(NewSpan(shapes, i % TracesPerRequest, (part * SpansPerTraceAndRequest) + (i / TracesPerRequest), filler));
        }

        return new ExportTraceServiceRequest
        {
            ResourceSpans = { new ResourceSpans { Resource = Attributes.Resource(shapes, services[part]), ScopeSpans = { scope } } },
        };
    }

    private static Span NewSpan(Shapes shapes, int trace, int span, int filler)
    {
        var result = new Span
        {
            TraceId = ByteString.CopyFrom(new byte[16]),
            SpanId = ByteString.CopyFrom(new byte[8]),
            ParentSpanId = span == 0 ? ByteString.Empty : ByteString.CopyFrom(new byte[8]),
            Name = (span % 3) switch { 0 => "GET /api/v2/" + shapes.Noun(), 1 => "SELECT shop." + shapes.Noun(), _ => "process " + shapes.Noun() },
            Kind = (span % 3) switch { 0 => Span.Types.SpanKind.Server, 1 => Span.Types.SpanKind.Client, _ => Span.Types.SpanKind.Consumer },
            StartTimeUnixNano = 1,
            EndTimeUnixNano = 1,
            Flags = 257,
        };
        result.Attributes.Add(Attributes.OfSpan(shapes, span, shapes.Words(filler), trace + span));
        if (trace == ErrorTrace && span == SpansPerTrace - 1)
        {
            result.Status = new Status { Code = Status.Types.StatusCode.Error, Message = "upstream did not answer in time" };
        }

        return result;
    }
}
