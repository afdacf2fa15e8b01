using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;
using OpenTelemetry.Proto.Collector.Logs.V1;
using OpenTelemetry.Proto.Collector.Metrics.V1;
using OpenTelemetry.Proto.Collector.Trace.V1;
using OpenTelemetry.Proto.Common.V1;
using OpenTelemetry.Proto.Logs.V1;
using OpenTelemetry.Proto.Metrics.V1;
using OpenTelemetry.Proto.Resource.V1;
using OpenTelemetry.Proto.Trace.V1;
using StellaOps.Telemetry.Tests.Shared.Telemetry;

namespace StellaOps.Telemetry.EndToEnd.Tests;

/// <summary>
/// Requests of all three signals with each seed of <see cref="PersonalData"/>, and the sentence that holds all of them, in every place where
/// OTLP takes text, bytes or a number from a sender.
/// </summary>
internal sealed class SeededTelemetry
{
    private static readonly string[] s_texts = [.. PersonalData.Texts.Select(t => t.Text), PersonalData.Sentence];
    private readonly ulong _now = (ulong)(TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;

    public SeededTelemetry()
    {
        foreach (var text in s_texts)
        {
            Traces.ResourceSpans.Add(SpansOf(text));
            Logs.ResourceLogs.Add(LogsOf(text));
            Metrics.ResourceMetrics.Add(MetricsOf(text));
        }
    }

    public ExportTraceServiceRequest Traces { get; } = new();

    public ExportLogsServiceRequest Logs { get; } = new();

    public ExportMetricsServiceRequest Metrics { get; } = new();

    /// <summary>Spans, log records, data points.</summary>
    public static (long Spans, long Logs, long Points) Records { get; } = (s_texts.Length, s_texts.Length * 6, s_texts.Length * 6);

    private ResourceSpans SpansOf(string text)
    {
        // A failed trace is kept, so exporters see it too.
        var span = new Span
        {
            TraceId = Id(16),
            SpanId = Id(8),
            ParentSpanId = Id(8),
            TraceState = "vendor=" + text,
            Name = text,
            Kind = Span.Types.SpanKind.Server,
            StartTimeUnixNano = _now,
            EndTimeUnixNano = _now + 1,
            Status = new Status { Code = Status.Types.StatusCode.Error, Message = "failed for " + text },
        };
        span.Attributes.Add(Attributes(text));
        var happened = new Span.Types.Event { TimeUnixNano = _now, Name = text };
        happened.Attributes.Add(Attributes(text));
        span.Events.Add(happened);
        var link = new Span.Types.Link { TraceId = Id(16), SpanId = Id(8), TraceState = "vendor=" + text };
        link.Attributes.Add(Attributes(text));
        span.Links.Add(link);
        return new ResourceSpans
        {
            Resource = ResourceOf(text),
            SchemaUrl = "https://schema/" + text,
            ScopeSpans = { new ScopeSpans { Scope = ScopeOf(text), SchemaUrl = "https://schema/" + text, Spans = { span } } },
        };
    }

    private ResourceLogs LogsOf(string text)
    {
        var scope = new ScopeLogs { Scope = ScopeOf(text), SchemaUrl = "https://schema/" + text };
        foreach (var body in Values(text))
        {
            var record = new LogRecord
            {
                TimeUnixNano = _now,
                ObservedTimeUnixNano = _now,
                SeverityNumber = SeverityNumber.Warn,
                SeverityText = text,
                EventName = text,
                Body = body,
                TraceId = Id(16),
                SpanId = Id(8),
            };
            record.Attributes.Add(Attributes(text));
            scope.LogRecords.Add(record);
        }

        return new ResourceLogs { Resource = ResourceOf(text), SchemaUrl = "https://schema/" + text, ScopeLogs = { scope } };
    }

    private ResourceMetrics MetricsOf(string text)
    {
        var integer = new NumberDataPoint { StartTimeUnixNano = _now, TimeUnixNano = _now, AsInt = PersonalData.CardNumber, Attributes = { Attributes(text) }, Exemplars = { ExemplarOf(text) } };
        var real = new NumberDataPoint { StartTimeUnixNano = _now, TimeUnixNano = _now, AsDouble = PersonalData.CardNumber, Attributes = { Attributes(text) } };
        var histogram = new HistogramDataPoint
        {
            StartTimeUnixNano = _now,
            TimeUnixNano = _now,
            Count = 1,
            Sum = PersonalData.CardNumber,
            Min = PersonalData.CardNumber,
            Max = PersonalData.CardNumber,
            BucketCounts = { 0, 1 },
            ExplicitBounds = { 1 },
            Attributes = { Attributes(text) },
            Exemplars = { ExemplarOf(text) },
        };
        var exponential = new ExponentialHistogramDataPoint
        {
            StartTimeUnixNano = _now,
            TimeUnixNano = _now,
            Count = 1,
            Sum = PersonalData.CardNumber,
            Positive = new ExponentialHistogramDataPoint.Types.Buckets { BucketCounts = { 1 } },
            Attributes = { Attributes(text) },
            Exemplars = { ExemplarOf(text) },
        };
        var summary = new SummaryDataPoint
        {
            StartTimeUnixNano = _now,
            TimeUnixNano = _now,
            Count = 1,
            Sum = PersonalData.CardNumber,
            QuantileValues = { new SummaryDataPoint.Types.ValueAtQuantile { Quantile = 0.5, Value = PersonalData.CardNumber } },
            Attributes = { Attributes(text) },
        };
        var scope = new ScopeMetrics { Scope = ScopeOf(text), SchemaUrl = "https://schema/" + text };
        scope.Metrics.Add(
        [
            MetricOf(text, m => m.Gauge = new Gauge { DataPoints = { integer, real } }),
            MetricOf(text, m => m.Sum = new Sum { DataPoints = { integer.Clone() }, AggregationTemporality = AggregationTemporality.Cumulative, IsMonotonic = true }),
            MetricOf(text, m => m.Histogram = new Histogram { DataPoints = { histogram }, AggregationTemporality = AggregationTemporality.Delta }),
            MetricOf(text, m => m.ExponentialHistogram = new ExponentialHistogram { DataPoints = { exponential }, AggregationTemporality = AggregationTemporality.Delta }),
            MetricOf(text, m => m.Summary = new Summary { DataPoints = { summary } }),
        ]);
        return new ResourceMetrics { Resource = ResourceOf(text), SchemaUrl = "https://schema/" + text, ScopeMetrics = { scope } };
    }

    private static Metric MetricOf(string text, Action<Metric> setData)
    {
        var metric = new Metric { Name = "orders of " + text, Description = "served to " + text, Unit = "{" + text + "}", Metadata = { Attributes(text) } };
        setData(metric);
        return metric;
    }

    private Exemplar ExemplarOf(string text) => new()
    {
        TimeUnixNano = _now,
        AsInt = PersonalData.CardNumber,
        TraceId = Id(16),
        SpanId = Id(8),
        FilteredAttributes = { Attributes(text) },
    };

    private static Resource ResourceOf(string text)
    {
        var resource = new Resource { Attributes = { new KeyValue { Key = "service.name", Value = new AnyValue { StringValue = "shop of " + text } } } };
        resource.Attributes.Add(Attributes(text));
        resource.EntityRefs.Add(new EntityRef { SchemaUrl = text, Type = "host of " + text, IdKeys = { "id " + text }, DescriptionKeys = { "about " + text } });
        return resource;
    }

    private static InstrumentationScope ScopeOf(string text) => new() { Name = "library of " + text, Version = "v-" + text, Attributes = { Attributes(text) } };

    /// <summary>Attributes of every kind of value; the last one has the text in its key.</summary>
    private static IEnumerable<KeyValue> Attributes(string text) =>
    [
        .. Values(text).Select((value, i) => new KeyValue { Key = $"app.value{i}", Value = value }),
        new KeyValue { Key = "seen by " + text, Value = new AnyValue { BoolValue = true } },
    ];

    private static IEnumerable<AnyValue> Values(string text)
    {
        yield return new AnyValue { StringValue = "customer " + text };
        yield return new AnyValue { BytesValue = ByteString.CopyFromUtf8("raw " + text) };
        yield return new AnyValue { IntValue = PersonalData.CardNumber };
        yield return new AnyValue { DoubleValue = PersonalData.CardNumber };
        var map = new KeyValueList
        {
            Values =
            {
                new KeyValue { Key = "plain", Value = new AnyValue { StringValue = text } },
                new KeyValue { Key = "of " + text, Value = new AnyValue { BytesValue = ByteString.CopyFrom(text, Encoding.UTF8) } },
                new KeyValue { Key = "number", Value = new AnyValue { IntValue = PersonalData.CardNumber } },
            },
        };
        yield return new AnyValue { KvlistValue = map };
        var inner = new ArrayValue { Values = { new AnyValue { KvlistValue = map.Clone() }, new AnyValue { StringValue = text }, new AnyValue { DoubleValue = PersonalData.CardNumber } } };
        yield return new AnyValue { ArrayValue = new ArrayValue { Values = { new AnyValue { ArrayValue = inner }, new AnyValue { StringValue = text } } } };
    }

    private static ByteString Id(int bytes) => ByteString.CopyFrom(RandomNumberGenerator.GetBytes(bytes));
}
