using Google.Protobuf;
using OpenTelemetry.Proto.Collector.Logs.V1;
using OpenTelemetry.Proto.Collector.Metrics.V1;
using OpenTelemetry.Proto.Collector.Trace.V1;
using OpenTelemetry.Proto.Common.V1;
using OpenTelemetry.Proto.Logs.V1;
using OpenTelemetry.Proto.Metrics.V1;
using OpenTelemetry.Proto.Resource.V1;
using OpenTelemetry.Proto.Trace.V1;
using StellaOps.Telemetry.Contracts;

namespace StellaOps.Telemetry.Tests.Shared.Otlp;

/// <summary>
/// Export requests of any shape the specification allows, decided by a seed alone: missing and empty parts, every value kind, nested
/// values, and, where asked for, fields of a later specification.
/// </summary>
public sealed class RandomOtlp
{
    private static readonly string[] s_words = ["", "a", "http.method", "service.name", "GET /cart", "naïve", "名前", "stage\0zero", "x=1;y=2"];

    private readonly Random _random;
    private readonly bool _unknownFields;

    private RandomOtlp(int seed, bool unknownFields)
    {
        _random = new Random(seed);
        _unknownFields = unknownFields;
    }

    /// <summary>A request of the signal with about that many records.</summary>
    public static IMessage Request(Signal signal, int seed, int records = 12, bool unknownFields = false) => signal switch
    {
        Signal.Traces => Traces(seed, records, unknownFields),
        Signal.Metrics => Metrics(seed, records, unknownFields),
        _ => Logs(seed, records, unknownFields),
    };

    /// <summary>A trace request.</summary>
    public static ExportTraceServiceRequest Traces(int seed, int records = 12, bool unknownFields = false)
    {
        var random = new RandomOtlp(seed, unknownFields);
        var request = new ExportTraceServiceRequest();
        while (records > 0)
        {
            var group = new ResourceSpans { Resource = random.Maybe(random.Resource), SchemaUrl = random.Word() };
            foreach (var size in random.Split(ref records))
            {
                var scope = new ScopeSpans { Scope = random.Maybe(random.Scope), SchemaUrl = random.Word() };
                scope.Spans.AddRange(random.Some(size, size, random.Span));
                group.ScopeSpans.Add(random.Later(scope));
            }

            request.ResourceSpans.Add(random.Later(group));
        }

        return random.Later(request);
    }

    /// <summary>A log request.</summary>
    public static ExportLogsServiceRequest Logs(int seed, int records = 12, bool unknownFields = false)
    {
        var random = new RandomOtlp(seed, unknownFields);
        var request = new ExportLogsServiceRequest();
        while (records > 0)
        {
            var group = new ResourceLogs { Resource = random.Maybe(random.Resource), SchemaUrl = random.Word() };
            foreach (var size in random.Split(ref records))
            {
                var scope = new ScopeLogs { Scope = random.Maybe(random.Scope), SchemaUrl = random.Word() };
                scope.LogRecords.AddRange(random.Some(size, size, random.LogRecord));
                group.ScopeLogs.Add(random.Later(scope));
            }

            request.ResourceLogs.Add(random.Later(group));
        }

        return random.Later(request);
    }

    /// <summary>A metric request; records are data points.</summary>
    public static ExportMetricsServiceRequest Metrics(int seed, int records = 12, bool unknownFields = false)
    {
        var random = new RandomOtlp(seed, unknownFields);
        var request = new ExportMetricsServiceRequest();
        while (records > 0)
        {
            var group = new ResourceMetrics { Resource = random.Maybe(random.Resource), SchemaUrl = random.Word() };
            foreach (var size in random.Split(ref records))
            {
                var scope = new ScopeMetrics { Scope = random.Maybe(random.Scope), SchemaUrl = random.Word() };
                scope.Metrics.AddRange(random.Some(0, 2, () => random.Metric(random._random.Next(3))));
                scope.Metrics.Add(random.Metric(size));
                group.ScopeMetrics.Add(random.Later(scope));
            }

            request.ResourceMetrics.Add(random.Later(group));
        }

        return random.Later(request);
    }

    private Resource Resource()
    {
        var resource = new Resource { DroppedAttributesCount = Count() };
        resource.Attributes.AddRange(Attributes());
        resource.EntityRefs.AddRange(Some(0, 1, () => new EntityRef { Type = Word(), SchemaUrl = Word(), IdKeys = { Word() }, DescriptionKeys = { Word() } }));
        return Later(resource);
    }

    private InstrumentationScope Scope()
    {
        var scope = new InstrumentationScope { Name = Word(), Version = Word(), DroppedAttributesCount = Count() };
        scope.Attributes.AddRange(Attributes());
        return Later(scope);
    }

    private Span Span()
    {
        var span = new Span
        {
            TraceId = Bytes(16),
            SpanId = Bytes(8),
            ParentSpanId = _random.Next(2) == 0 ? ByteString.Empty : Bytes(8),
            TraceState = Word(),
            Flags = Count(),
            Name = Word(),
            Kind = (Span.Types.SpanKind)_random.Next(6),
            StartTimeUnixNano = Time(),
            EndTimeUnixNano = Time(),
            DroppedAttributesCount = Count(),
            DroppedEventsCount = Count(),
            DroppedLinksCount = Count(),
            Status = Maybe(() => Later(new Status { Code = (Status.Types.StatusCode)_random.Next(3), Message = Word() })),
        };
        span.Attributes.AddRange(Attributes());
        span.Events.AddRange(Some(0, 2, () =>
        {
            var item = new Span.Types.Event { Name = Word(), TimeUnixNano = Time(), DroppedAttributesCount = Count() };
            item.Attributes.AddRange(Attributes());
            return Later(item);
        }));
        span.Links.AddRange(Some(0, 2, () =>
        {
            var link = new Span.Types.Link { TraceId = Bytes(16), SpanId = Bytes(8), TraceState = Word(), Flags = Count(), DroppedAttributesCount = Count() };
            link.Attributes.AddRange(Attributes());
            return Later(link);
        }));
        return Later(span);
    }

    private LogRecord LogRecord()
    {
        var record = new LogRecord
        {
            TimeUnixNano = _random.Next(3) == 0 ? 0 : Time(),
            ObservedTimeUnixNano = Time(),
            SeverityNumber = (SeverityNumber)_random.Next(25),
            SeverityText = Word(),
            Body = Maybe(() => Value(0)),
            DroppedAttributesCount = Count(),
            Flags = Count(),
            EventName = Word(),
        };
        if (_random.Next(2) == 0)
        {
            record.TraceId = Bytes(16);
            record.SpanId = Bytes(8);
        }

        record.Attributes.AddRange(Attributes());
        return Later(record);
    }

    private Metric Metric(int points)
    {
        var metric = new Metric { Name = Word(), Description = Word(), Unit = Word() };
        var temporality = (AggregationTemporality)_random.Next(3);
        switch (points == 0 ? _random.Next(6) : _random.Next(5))
        {
            case 0:
                metric.Gauge = new Gauge();
                metric.Gauge.DataPoints.AddRange(Some(points, points, NumberPoint));
                break;
            case 1:
                metric.Sum = Later(new Sum { AggregationTemporality = temporality, IsMonotonic = _random.Next(2) == 0 });
                metric.Sum.DataPoints.AddRange(Some(points, points, NumberPoint));
                break;
            case 2:
                metric.Histogram = Later(new Histogram { AggregationTemporality = temporality });
                metric.Histogram.DataPoints.AddRange(Some(points, points, HistogramPoint));
                break;
            case 3:
                metric.ExponentialHistogram = Later(new ExponentialHistogram { AggregationTemporality = temporality });
                metric.ExponentialHistogram.DataPoints.AddRange(Some(points, points, ExponentialPoint));
                break;
            case 4:
                metric.Summary = new Summary();
                metric.Summary.DataPoints.AddRange(Some(points, points, SummaryPoint));
                break;
        }

        metric.Metadata.AddRange(Attributes());
        return Later(metric);
    }

    private NumberDataPoint NumberPoint()
    {
        var point = new NumberDataPoint { StartTimeUnixNano = Time(), TimeUnixNano = Time(), Flags = Count() };
        if (_random.Next(2) == 0)
        {
            point.AsInt = _random.NextInt64(long.MinValue, long.MaxValue);
        }
        else
        {
            point.AsDouble = Number();
        }

        point.Attributes.AddRange(Attributes());
        point.Exemplars.AddRange(Some(0, 1, Exemplar));
        return Later(point);
    }

    private HistogramDataPoint HistogramPoint()
    {
        var point = new HistogramDataPoint { StartTimeUnixNano = Time(), TimeUnixNano = Time(), Count = Count(), Flags = Count() };
        if (_random.Next(2) == 0)
        {
            point.Sum = Number();
            point.Min = 0;
            point.Max = Number();
        }

        point.BucketCounts.AddRange(Some(0, 4, () => (ulong)Count()));
        point.ExplicitBounds.AddRange(Some(0, 4, Number));
        point.Attributes.AddRange(Attributes());
        point.Exemplars.AddRange(Some(0, 2, Exemplar));
        return Later(point);
    }

    private ExponentialHistogramDataPoint ExponentialPoint()
    {
        var point = new ExponentialHistogramDataPoint
        {
            StartTimeUnixNano = Time(),
            TimeUnixNano = Time(),
            Count = Count(),
            Scale = _random.Next(-10, 20),
            ZeroCount = Count(),
            ZeroThreshold = Number(),
            Flags = Count(),
            Positive = Maybe(Buckets),
            Negative = Maybe(Buckets),
        };
        if (_random.Next(2) == 0)
        {
            point.Sum = 0;
            point.Min = Number();
        }

        point.Attributes.AddRange(Attributes());
        point.Exemplars.AddRange(Some(0, 1, Exemplar));
        return Later(point);
    }

    private SummaryDataPoint SummaryPoint()
    {
        var point = new SummaryDataPoint { StartTimeUnixNano = Time(), TimeUnixNano = Time(), Count = Count(), Sum = Number(), Flags = Count() };
        point.QuantileValues.AddRange(Some(0, 3, () => new SummaryDataPoint.Types.ValueAtQuantile { Quantile = _random.NextDouble(), Value = Number() }));
        point.Attributes.AddRange(Attributes());
        return Later(point);
    }

    private ExponentialHistogramDataPoint.Types.Buckets Buckets()
    {
        var buckets = new ExponentialHistogramDataPoint.Types.Buckets { Offset = _random.Next(-1000, 1000) };
        buckets.BucketCounts.AddRange(Some(0, 4, () => (ulong)_random.NextInt64()));
        return buckets;
    }

    private Exemplar Exemplar()
    {
        var exemplar = new Exemplar { TimeUnixNano = Time(), AsDouble = Number(), TraceId = Bytes(16), SpanId = Bytes(8) };
        exemplar.FilteredAttributes.AddRange(Attributes());
        return exemplar;
    }

    private KeyValue[] Attributes() => Some(0, 3, () => Later(new KeyValue { Key = Word(), Value = Maybe(() => Value(0)) }));

    private AnyValue Value(int depth)
    {
        var value = new AnyValue();
        switch (_random.Next(depth > 3 ? 6 : 8))
        {
            case 0:
                value.StringValue = Word();
                break;
            case 1:
                value.BoolValue = _random.Next(2) == 0;
                break;
            case 2:
                value.IntValue = _random.NextInt64(long.MinValue, long.MaxValue);
                break;
            case 3:
                value.DoubleValue = Number();
                break;
            case 4:
                value.BytesValue = Bytes(_random.Next(200));
                break;
            case 5:
                break;
            case 6:
                value.ArrayValue = new ArrayValue();
                value.ArrayValue.Values.AddRange(Some(0, 3, () => Value(depth + 1)));
                break;
            default:
                value.KvlistValue = new KeyValueList();
                value.KvlistValue.Values.AddRange(Some(0, 3, () => new KeyValue { Key = Word(), Value = Value(depth + 1) }));
                break;
        }

        return value;
    }

    // Fields that no version of the specification has so far, of each wire type, behind the message's own.
    private T Later<T>(T message)
        where T : IMessage
    {
        if (_unknownFields && _random.Next(3) == 0)
        {
            byte[] fields = [0xC0, 0x3E, 0x07, 0xCA, 0x3E, 0x03, 0x61, 0x62, 0x63, 0xD5, 0x3E, 0x01, 0x02, 0x03, 0x04, 0xD9, 0x3E, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08];
            message.MergeFrom(fields);
        }

        return message;
    }

    private List<int> Split(ref int records)
    {
        var sizes = new List<int>();
        for (var scopes = _random.Next(1, 4); scopes > 0 && records > 0; scopes--)
        {
            var size = _random.Next(1, Math.Min(records, 5) + 1);
            records -= size;
            sizes.Add(size);
        }

        return sizes;
    }

    private T[] Some<T>(int least, int most, Func<T> make)
    {
        var items = new T[_random.Next(least, most + 1)];
        for (var i = 0; i < items.Length; i++)
        {
            items[i] = make();
        }

        return items;
    }

    private T? Maybe<T>(Func<T> make)
        where T : class => _random.Next(5) == 0 ? null : make();

    private string Word() => _random.Next(12) == 0 ? new string('w', _random.Next(100, 400)) : s_words[_random.Next(s_words.Length)];

    private ulong Time() => 1_700_000_000_000_000_000UL + (ulong)_random.NextInt64(86_400_000_000_000);

    private uint Count() => _random.Next(2) == 0 ? 0 : (uint)_random.NextInt64(uint.MaxValue);

    private double Number() => _random.Next(8) switch
    {
        0 => double.NaN,
        1 => double.NegativeInfinity,
        2 => 0,
        _ => (_random.NextDouble() - 0.5) * Math.Pow(10, _random.Next(-20, 20)),
    };

    private ByteString Bytes(int length)
    {
        var bytes = new byte[length];
        _random.NextBytes(bytes);
        return ByteString.CopyFrom(bytes);
    }
}
