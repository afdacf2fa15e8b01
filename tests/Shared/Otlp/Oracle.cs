using Google.Protobuf;
using OpenTelemetry.Proto.Collector.Logs.V1;
using OpenTelemetry.Proto.Collector.Metrics.V1;
using OpenTelemetry.Proto.Collector.Trace.V1;
using OpenTelemetry.Proto.Metrics.V1;
using StellaOps.Telemetry.Otlp;
using Xunit;

namespace StellaOps.Telemetry.Tests.Shared.Otlp;

/// <summary>The same things said with the generated types.</summary>
public static class Oracle
{
    public static readonly TheoryData<OtlpSignal> Signals = [OtlpSignal.Traces, OtlpSignal.Metrics, OtlpSignal.Logs];

    public static MessageParser ParserOf(OtlpSignal signal) => signal switch
    {
        OtlpSignal.Traces => ExportTraceServiceRequest.Parser,
        OtlpSignal.Metrics => ExportMetricsServiceRequest.Parser,
        _ => ExportLogsServiceRequest.Parser,
    };

    /// <summary>Each record's own request, in wire order: one resource, one scope, one record, containers without fields unknown to us.</summary>
    public static List<IMessage> Single(IMessage request)
    {
        var singles = new List<IMessage>();
        switch (request)
        {
            case ExportTraceServiceRequest traces:
                singles.AddRange(
                    from g in traces.ResourceSpans
                    from s in g.ScopeSpans
                    from r in s.Spans
                    select new ExportTraceServiceRequest { ResourceSpans = { new OpenTelemetry.Proto.Trace.V1.ResourceSpans { Resource = g.Resource ?? new(), SchemaUrl = g.SchemaUrl, ScopeSpans = { new OpenTelemetry.Proto.Trace.V1.ScopeSpans { Scope = s.Scope ?? new(), SchemaUrl = s.SchemaUrl, Spans = { r } } } } } });
                break;
            case ExportLogsServiceRequest logs:
                singles.AddRange(
                    from g in logs.ResourceLogs
                    from s in g.ScopeLogs
                    from r in s.LogRecords
                    select new ExportLogsServiceRequest { ResourceLogs = { new OpenTelemetry.Proto.Logs.V1.ResourceLogs { Resource = g.Resource ?? new(), SchemaUrl = g.SchemaUrl, ScopeLogs = { new OpenTelemetry.Proto.Logs.V1.ScopeLogs { Scope = s.Scope ?? new(), SchemaUrl = s.SchemaUrl, LogRecords = { r } } } } } });
                break;
            case ExportMetricsServiceRequest metrics:
                singles.AddRange(
                    from g in metrics.ResourceMetrics
                    from s in g.ScopeMetrics
                    from m in s.Metrics
                    from one in Single(m)
                    select new ExportMetricsServiceRequest { ResourceMetrics = { new ResourceMetrics { Resource = g.Resource ?? new(), SchemaUrl = g.SchemaUrl, ScopeMetrics = { new ScopeMetrics { Scope = s.Scope ?? new(), SchemaUrl = s.SchemaUrl, Metrics = { one } } } } } });
                break;
        }

        return singles;
    }

    /// <summary>The request without the records that are not kept and the containers that are left without one.</summary>
    public static IMessage Keep(OtlpSignal signal, byte[] request, HashSet<int> indexes)
    {
        var copy = ParserOf(signal).ParseFrom(request);
        var index = 0;
        switch (copy)
        {
            case ExportTraceServiceRequest traces:
                Prune(traces.ResourceSpans, g => Prune(g.ScopeSpans, s => Prune(s.Spans, _ => indexes.Contains(index++))));
                break;
            case ExportLogsServiceRequest logs:
                Prune(logs.ResourceLogs, g => Prune(g.ScopeLogs, s => Prune(s.LogRecords, _ => indexes.Contains(index++))));
                break;
            case ExportMetricsServiceRequest metrics:
                Prune(metrics.ResourceMetrics, g => Prune(g.ScopeMetrics, s => Prune(s.Metrics, m => m.DataCase switch
                {
                    Metric.DataOneofCase.Gauge => Prune(m.Gauge.DataPoints, _ => indexes.Contains(index++)),
                    Metric.DataOneofCase.Sum => Prune(m.Sum.DataPoints, _ => indexes.Contains(index++)),
                    Metric.DataOneofCase.Histogram => Prune(m.Histogram.DataPoints, _ => indexes.Contains(index++)),
                    Metric.DataOneofCase.ExponentialHistogram => Prune(m.ExponentialHistogram.DataPoints, _ => indexes.Contains(index++)),
                    Metric.DataOneofCase.Summary => Prune(m.Summary.DataPoints, _ => indexes.Contains(index++)),
                    _ => false,
                })));
                break;
        }

        return copy;
    }

    /// <summary>The records as messages, in wire order.</summary>
    public static IEnumerable<IMessage> Records(IMessage request) => request switch
    {
        ExportTraceServiceRequest traces => traces.ResourceSpans.SelectMany(g => g.ScopeSpans).SelectMany(s => s.Spans),
        ExportLogsServiceRequest logs => logs.ResourceLogs.SelectMany(g => g.ScopeLogs).SelectMany(s => s.LogRecords),
        ExportMetricsServiceRequest metrics => metrics.ResourceMetrics.SelectMany(g => g.ScopeMetrics).SelectMany(s => s.Metrics).SelectMany(m => m.DataCase switch
        {
            Metric.DataOneofCase.Gauge => m.Gauge.DataPoints,
            Metric.DataOneofCase.Sum => m.Sum.DataPoints,
            Metric.DataOneofCase.Histogram => m.Histogram.DataPoints,
            Metric.DataOneofCase.ExponentialHistogram => m.ExponentialHistogram.DataPoints,
            Metric.DataOneofCase.Summary => m.Summary.DataPoints.AsEnumerable<IMessage>(),
            _ => [],
        }),
        _ => [],
    };

    private static bool Prune<T>(Google.Protobuf.Collections.RepeatedField<T> items, Func<T, bool> keep)
    {
        var kept = items.Where(keep).ToList();
        items.Clear();
        items.AddRange(kept);
        return kept.Count > 0;
    }

    private static List<Metric> Single(Metric metric)
    {
        var count = metric.DataCase switch
        {
            Metric.DataOneofCase.Gauge => metric.Gauge.DataPoints.Count,
            Metric.DataOneofCase.Sum => metric.Sum.DataPoints.Count,
            Metric.DataOneofCase.Histogram => metric.Histogram.DataPoints.Count,
            Metric.DataOneofCase.ExponentialHistogram => metric.ExponentialHistogram.DataPoints.Count,
            Metric.DataOneofCase.Summary => metric.Summary.DataPoints.Count,
            _ => 0,
        };
        return [.. Enumerable.Range(0, count).Select(at =>
        {
            var one = metric.Clone();
            Only(one.Gauge?.DataPoints, at);
            Only(one.Sum?.DataPoints, at);
            Only(one.Histogram?.DataPoints, at);
            Only(one.ExponentialHistogram?.DataPoints, at);
            Only(one.Summary?.DataPoints, at);
            return one;
        })];
    }

    private static void Only<T>(Google.Protobuf.Collections.RepeatedField<T>? items, int at)
    {
        if (items is not null)
        {
            var item = items[at];
            items.Clear();
            items.Add(item);
        }
    }
}
