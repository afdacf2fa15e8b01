using StellaOps.Telemetry.Otlp.Wire;

namespace StellaOps.Telemetry.Benchmarks.Load;

/// <summary>Finds in a serialised request where ids and times stand.</summary>
internal static class Places
{
    /// <summary>Field numbers of opentelemetry.proto.trace.v1.Span: trace_id 1, span_id 2, parent_span_id 4, start 7, end 8.</summary>
    public static RequestTemplate OfTraces(byte[] request, int firstSpan) => Find(
        request,
        firstSpan,
        [1, 2, 2],
        field => field switch
        {
            1 => PlaceKind.TraceId,
            2 => PlaceKind.SpanId,
            4 => PlaceKind.ParentSpanId,
            7 => PlaceKind.Start,
            8 => PlaceKind.End,
            _ => null,
        });

    /// <summary>opentelemetry.proto.logs.v1.LogRecord: time 1, trace_id 9, span_id 10, observed_time 11.</summary>
    public static RequestTemplate OfLogs(byte[] request) => Find(
        request,
        0,
        [1, 2, 2],
        field => field switch
        {
            1 => PlaceKind.Start,
            9 => PlaceKind.TraceId,
            10 => PlaceKind.SpanId,
            11 => PlaceKind.End,
            _ => null,
        });

    /// <summary>NumberDataPoint and HistogramDataPoint alike: start_time 2, time 3; below whichever kind of data the metric has.</summary>
    public static RequestTemplate OfMetrics(byte[] request) => Find(
        request,
        0,
        [1, 2, 2, -1, 1],
        field => field switch
        {
            2 => PlaceKind.Start,
            3 => PlaceKind.End,
            _ => null,
        });

    /// <param name="firstSpan">Which span of its trace the request's first one is.</param>
    /// <param name="path">Field numbers down to the record; -1 is any of a metric's kinds of data.</param>
    private static RequestTemplate Find(byte[] request, int firstSpan, int[] path, Func<int, PlaceKind?> kindOf)
    {
        var places = new List<Place>();
        var cuts = new List<int>();
        Descend(request, 0, request.Length, path, 0, kindOf, places, cuts);
        for (var i = 0; i < places.Count; i++)
        {
            places[i] = places[i] with { Span = (short)(places[i].Span + firstSpan) };
        }

        var records = cuts.Count;
        cuts[^1] = request.Length;
        return new RequestTemplate(request, records, [.. places], [.. cuts]);
    }

    private static void Descend(byte[] request, int from, int to, int[] path, int depth, Func<int, PlaceKind?> kindOf, List<Place> places, List<int> cuts)
    {
        var reader = new WireReader(request.AsSpan(from, to - from));
        while (reader.TryReadField())
        {
            if (depth == path.Length)
            {
                if (kindOf(reader.FieldNumber) is { } kind)
                {
                    // Fixed64 has no length before it: its content is the field's last eight bytes.
                    var offset = reader.WireType == WireType.Fixed64 ? reader.FieldEnd - 8 : reader.ContentStart;
                    places.Add(NewPlace(from + offset, kind, cuts.Count));
                }
            }
            else if (reader.WireType == WireType.LengthDelimited
                && (path[depth] == reader.FieldNumber || (path[depth] == -1 && reader.FieldNumber is 5 or 7 or 9)))
            {
                Descend(request, from + reader.ContentStart, from + reader.FieldEnd, path, depth + 1, kindOf, places, cuts);
            }
        }

        if (depth == path.Length)
        {
            cuts.Add(to);
        }
    }

    private static Place NewPlace(int offset, PlaceKind kind, int record) =>
        new(offset, kind, (short)(record % TraceLoad.TracesPerRequest), (short)(record / TraceLoad.TracesPerRequest));
}
