using StellaOps.Telemetry.Otlp.Fields;
using static StellaOps.Telemetry.Otlp.Schema.OtlpFieldType;

namespace StellaOps.Telemetry.Otlp.Schema;

/// <summary>
/// The messages of OTLP as a table, for whoever walks a request without generated types: validator, JSON, redaction.
/// A test compares it, field by field, with the descriptors of our .proto files.
/// </summary>
public static class OtlpSchema
{
    private static readonly OtlpField?[][] s_byNumber = Build();
    private static readonly OtlpField[][] s_fields = [.. s_byNumber.Select(fields => fields.OfType<OtlpField>().ToArray())];
    private static readonly int[] s_attributes = [.. s_fields.Select(fields => fields.FirstOrDefault(f => f.JsonName == "attributes")?.Number ?? 0)];

    /// <summary>The request message of a signal.</summary>
    public static OtlpMessage RequestOf(OtlpSignal signal) => signal switch
    {
        OtlpSignal.Traces => OtlpMessage.TracesRequest,
        OtlpSignal.Metrics => OtlpMessage.MetricsRequest,
        OtlpSignal.Logs => OtlpMessage.LogsRequest,
        _ => OtlpMessage.None,
    };

    /// <summary>The field of that number, or null where the specification has none.</summary>
    public static OtlpField? Find(OtlpMessage message, int number)
    {
        var fields = s_byNumber[(int)message];
        return (uint)number < (uint)fields.Length ? fields[number] : null;
    }

    /// <summary>All fields of a message, by number.</summary>
    public static ReadOnlySpan<OtlpField> FieldsOf(OtlpMessage message) => s_fields[(int)message];

    /// <summary>True for the messages that are a record: a span, a log record, a data point.</summary>
    public static bool IsRecord(OtlpMessage message) => message is OtlpMessage.Span or OtlpMessage.LogRecord or OtlpMessage.NumberDataPoint
        or OtlpMessage.HistogramDataPoint or OtlpMessage.ExponentialHistogramDataPoint or OtlpMessage.SummaryDataPoint;

    /// <summary>Number of the message's list of attributes; 0 where it has none.</summary>
    public static int AttributesOf(OtlpMessage message) => s_attributes[(int)message];

    private static OtlpField?[][] Build()
    {
        var table = new OtlpField?[(int)OtlpMessage.KeyValueList + 1][];
        Array.Fill(table, []);
        AddContainers(table, OtlpMessage.TracesRequest, OtlpMessage.ResourceSpans, OtlpMessage.ScopeSpans, OtlpMessage.Span, "resourceSpans", "scopeSpans", "spans");
        AddContainers(table, OtlpMessage.LogsRequest, OtlpMessage.ResourceLogs, OtlpMessage.ScopeLogs, OtlpMessage.LogRecord, "resourceLogs", "scopeLogs", "logRecords");
        AddContainers(table, OtlpMessage.MetricsRequest, OtlpMessage.ResourceMetrics, OtlpMessage.ScopeMetrics, OtlpMessage.Metric, "resourceMetrics", "scopeMetrics", "metrics");
        AddCommon(table);
        AddTraces(table);
        AddLogs(table);
        AddMetrics(table);
        return table;
    }

    private static void AddContainers(OtlpField?[][] table, OtlpMessage request, OtlpMessage resourceGroup, OtlpMessage scopeGroup, OtlpMessage record, string groups, string scopes, string records)
    {
        Add(table, request, Messages(ContainerFields.Request.ResourceGroups, groups, resourceGroup));
        Add(
            table,
            resourceGroup,
            Message(ContainerFields.ResourceGroup.Resource, "resource", OtlpMessage.Resource),
            Messages(ContainerFields.ResourceGroup.ScopeGroups, scopes, scopeGroup),
            One(ContainerFields.ResourceGroup.SchemaUrl, "schemaUrl", OtlpFieldType.String));
        Add(
            table,
            scopeGroup,
            Message(ContainerFields.ScopeGroup.Scope, "scope", OtlpMessage.InstrumentationScope),
            Messages(ContainerFields.ScopeGroup.Records, records, record),
            One(ContainerFields.ScopeGroup.SchemaUrl, "schemaUrl", OtlpFieldType.String));
    }

    private static void AddCommon(OtlpField?[][] table)
    {
        Add(
            table,
            OtlpMessage.AnyValue,
            Maybe(CommonFields.AnyValue.StringValue, "stringValue", OtlpFieldType.String),
            Maybe(CommonFields.AnyValue.BoolValue, "boolValue", Bool),
            Maybe(CommonFields.AnyValue.IntValue, "intValue", OtlpFieldType.Int64),
            Maybe(CommonFields.AnyValue.DoubleValue, "doubleValue", OtlpFieldType.Double),
            Message(CommonFields.AnyValue.ArrayValue, "arrayValue", OtlpMessage.ArrayValue),
            Message(CommonFields.AnyValue.KvlistValue, "kvlistValue", OtlpMessage.KeyValueList),
            Maybe(CommonFields.AnyValue.BytesValue, "bytesValue", Bytes));
        Add(table, OtlpMessage.ArrayValue, Messages(CommonFields.List.Values, "values", OtlpMessage.AnyValue));
        Add(table, OtlpMessage.KeyValueList, Messages(CommonFields.List.Values, "values", OtlpMessage.KeyValue));
        Add(
            table,
            OtlpMessage.KeyValue,
            One(CommonFields.KeyValue.Key, "key", OtlpFieldType.String),
            Message(CommonFields.KeyValue.Value, "value", OtlpMessage.AnyValue));
        Add(
            table,
            OtlpMessage.InstrumentationScope,
            One(CommonFields.InstrumentationScope.Name, "name", OtlpFieldType.String),
            One(CommonFields.InstrumentationScope.Version, "version", OtlpFieldType.String),
            Messages(CommonFields.InstrumentationScope.Attributes, "attributes", OtlpMessage.KeyValue),
            One(CommonFields.InstrumentationScope.DroppedAttributesCount, "droppedAttributesCount", OtlpFieldType.UInt32));
        Add(
            table,
            OtlpMessage.EntityRef,
            One(CommonFields.EntityRef.SchemaUrl, "schemaUrl", OtlpFieldType.String),
            One(CommonFields.EntityRef.Type, "type", OtlpFieldType.String),
            Many(CommonFields.EntityRef.IdKeys, "idKeys", OtlpFieldType.String),
            Many(CommonFields.EntityRef.DescriptionKeys, "descriptionKeys", OtlpFieldType.String));
        Add(
            table,
            OtlpMessage.Resource,
            Messages(CommonFields.Resource.Attributes, "attributes", OtlpMessage.KeyValue),
            One(CommonFields.Resource.DroppedAttributesCount, "droppedAttributesCount", OtlpFieldType.UInt32),
            Messages(CommonFields.Resource.EntityRefs, "entityRefs", OtlpMessage.EntityRef));
    }

    private static void AddTraces(OtlpField?[][] table)
    {
        Add(
            table,
            OtlpMessage.Span,
            One(TraceFields.Span.TraceId, "traceId", TraceId),
            One(TraceFields.Span.SpanId, "spanId", SpanId),
            One(TraceFields.Span.TraceState, "traceState", OtlpFieldType.String),
            One(TraceFields.Span.ParentSpanId, "parentSpanId", SpanId),
            One(TraceFields.Span.Name, "name", OtlpFieldType.String),
            One(TraceFields.Span.Kind, "kind", SpanKind),
            One(TraceFields.Span.StartTimeUnixNano, "startTimeUnixNano", Fixed64),
            One(TraceFields.Span.EndTimeUnixNano, "endTimeUnixNano", Fixed64),
            Messages(TraceFields.Span.Attributes, "attributes", OtlpMessage.KeyValue),
            One(TraceFields.Span.DroppedAttributesCount, "droppedAttributesCount", OtlpFieldType.UInt32),
            Messages(TraceFields.Span.Events, "events", OtlpMessage.SpanEvent),
            One(TraceFields.Span.DroppedEventsCount, "droppedEventsCount", OtlpFieldType.UInt32),
            Messages(TraceFields.Span.Links, "links", OtlpMessage.SpanLink),
            One(TraceFields.Span.DroppedLinksCount, "droppedLinksCount", OtlpFieldType.UInt32),
            Message(TraceFields.Span.Status, "status", OtlpMessage.SpanStatus),
            One(TraceFields.Span.Flags, "flags", Fixed32));
        Add(
            table,
            OtlpMessage.SpanEvent,
            One(TraceFields.Event.TimeUnixNano, "timeUnixNano", Fixed64),
            One(TraceFields.Event.Name, "name", OtlpFieldType.String),
            Messages(TraceFields.Event.Attributes, "attributes", OtlpMessage.KeyValue),
            One(TraceFields.Event.DroppedAttributesCount, "droppedAttributesCount", OtlpFieldType.UInt32));
        Add(
            table,
            OtlpMessage.SpanLink,
            One(TraceFields.Link.TraceId, "traceId", TraceId),
            One(TraceFields.Link.SpanId, "spanId", SpanId),
            One(TraceFields.Link.TraceState, "traceState", OtlpFieldType.String),
            Messages(TraceFields.Link.Attributes, "attributes", OtlpMessage.KeyValue),
            One(TraceFields.Link.DroppedAttributesCount, "droppedAttributesCount", OtlpFieldType.UInt32),
            One(TraceFields.Link.Flags, "flags", Fixed32));
        Add(
            table,
            OtlpMessage.SpanStatus,
            One(TraceFields.Status.Message, "message", OtlpFieldType.String),
            One(TraceFields.Status.Code, "code", StatusCode));
    }

    private static void AddLogs(OtlpField?[][] table)
    {
        Add(
            table,
            OtlpMessage.LogRecord,
            One(LogsFields.LogRecord.TimeUnixNano, "timeUnixNano", Fixed64),
            One(LogsFields.LogRecord.SeverityNumber, "severityNumber", SeverityNumber),
            One(LogsFields.LogRecord.SeverityText, "severityText", OtlpFieldType.String),
            Message(LogsFields.LogRecord.Body, "body", OtlpMessage.AnyValue),
            Messages(LogsFields.LogRecord.Attributes, "attributes", OtlpMessage.KeyValue),
            One(LogsFields.LogRecord.DroppedAttributesCount, "droppedAttributesCount", OtlpFieldType.UInt32),
            One(LogsFields.LogRecord.Flags, "flags", Fixed32),
            One(LogsFields.LogRecord.TraceId, "traceId", TraceId),
            One(LogsFields.LogRecord.SpanId, "spanId", SpanId),
            One(LogsFields.LogRecord.ObservedTimeUnixNano, "observedTimeUnixNano", Fixed64),
            One(LogsFields.LogRecord.EventName, "eventName", OtlpFieldType.String));
    }

    private static void AddMetrics(OtlpField?[][] table)
    {
        Add(
            table,
            OtlpMessage.Metric,
            One(MetricsFields.Metric.Name, "name", OtlpFieldType.String),
            One(MetricsFields.Metric.Description, "description", OtlpFieldType.String),
            One(MetricsFields.Metric.Unit, "unit", OtlpFieldType.String),
            Message(MetricsFields.Metric.Gauge, "gauge", OtlpMessage.Gauge),
            Message(MetricsFields.Metric.Sum, "sum", OtlpMessage.Sum),
            Message(MetricsFields.Metric.Histogram, "histogram", OtlpMessage.Histogram),
            Message(MetricsFields.Metric.ExponentialHistogram, "exponentialHistogram", OtlpMessage.ExponentialHistogram),
            Message(MetricsFields.Metric.Summary, "summary", OtlpMessage.Summary),
            Messages(MetricsFields.Metric.Metadata, "metadata", OtlpMessage.KeyValue));
        var temporality = One(MetricsFields.Data.AggregationTemporality, "aggregationTemporality", AggregationTemporality);
        Add(table, OtlpMessage.Gauge, Messages(MetricsFields.Data.DataPoints, "dataPoints", OtlpMessage.NumberDataPoint));
        Add(
            table,
            OtlpMessage.Sum,
            Messages(MetricsFields.Data.DataPoints, "dataPoints", OtlpMessage.NumberDataPoint),
            temporality,
            One(MetricsFields.Data.IsMonotonic, "isMonotonic", Bool));
        Add(table, OtlpMessage.Histogram, Messages(MetricsFields.Data.DataPoints, "dataPoints", OtlpMessage.HistogramDataPoint), temporality);
        Add(table, OtlpMessage.ExponentialHistogram, Messages(MetricsFields.Data.DataPoints, "dataPoints", OtlpMessage.ExponentialHistogramDataPoint), temporality);
        Add(table, OtlpMessage.Summary, Messages(MetricsFields.Data.DataPoints, "dataPoints", OtlpMessage.SummaryDataPoint));
        AddPoints(table);
    }

    private static void AddPoints(OtlpField?[][] table)
    {
        var start = One(MetricsFields.DataPoint.StartTimeUnixNano, "startTimeUnixNano", Fixed64);
        var time = One(MetricsFields.DataPoint.TimeUnixNano, "timeUnixNano", Fixed64);
        Add(
            table,
            OtlpMessage.NumberDataPoint,
            start,
            time,
            Maybe(MetricsFields.NumberDataPoint.AsDouble, "asDouble", OtlpFieldType.Double),
            Messages(MetricsFields.NumberDataPoint.Exemplars, "exemplars", OtlpMessage.Exemplar),
            Maybe(MetricsFields.NumberDataPoint.AsInt, "asInt", SFixed64),
            Messages(MetricsFields.NumberDataPoint.Attributes, "attributes", OtlpMessage.KeyValue),
            One(MetricsFields.NumberDataPoint.Flags, "flags", OtlpFieldType.UInt32));
        Add(
            table,
            OtlpMessage.HistogramDataPoint,
            start,
            time,
            One(MetricsFields.HistogramDataPoint.Count, "count", Fixed64),
            Maybe(MetricsFields.HistogramDataPoint.Sum, "sum", OtlpFieldType.Double),
            Many(MetricsFields.HistogramDataPoint.BucketCounts, "bucketCounts", Fixed64),
            Many(MetricsFields.HistogramDataPoint.ExplicitBounds, "explicitBounds", OtlpFieldType.Double),
            Messages(MetricsFields.HistogramDataPoint.Exemplars, "exemplars", OtlpMessage.Exemplar),
            Messages(MetricsFields.HistogramDataPoint.Attributes, "attributes", OtlpMessage.KeyValue),
            One(MetricsFields.HistogramDataPoint.Flags, "flags", OtlpFieldType.UInt32),
            Maybe(MetricsFields.HistogramDataPoint.Min, "min", OtlpFieldType.Double),
            Maybe(MetricsFields.HistogramDataPoint.Max, "max", OtlpFieldType.Double));
        Add(
            table,
            OtlpMessage.ExponentialHistogramDataPoint,
            Messages(MetricsFields.ExponentialHistogramDataPoint.Attributes, "attributes", OtlpMessage.KeyValue),
            start,
            time,
            One(MetricsFields.ExponentialHistogramDataPoint.Count, "count", Fixed64),
            Maybe(MetricsFields.ExponentialHistogramDataPoint.Sum, "sum", OtlpFieldType.Double),
            One(MetricsFields.ExponentialHistogramDataPoint.Scale, "scale", SInt32),
            One(MetricsFields.ExponentialHistogramDataPoint.ZeroCount, "zeroCount", Fixed64),
            Message(MetricsFields.ExponentialHistogramDataPoint.Positive, "positive", OtlpMessage.Buckets),
            Message(MetricsFields.ExponentialHistogramDataPoint.Negative, "negative", OtlpMessage.Buckets),
            One(MetricsFields.ExponentialHistogramDataPoint.Flags, "flags", OtlpFieldType.UInt32),
            Messages(MetricsFields.ExponentialHistogramDataPoint.Exemplars, "exemplars", OtlpMessage.Exemplar),
            Maybe(MetricsFields.ExponentialHistogramDataPoint.Min, "min", OtlpFieldType.Double),
            Maybe(MetricsFields.ExponentialHistogramDataPoint.Max, "max", OtlpFieldType.Double),
            One(MetricsFields.ExponentialHistogramDataPoint.ZeroThreshold, "zeroThreshold", OtlpFieldType.Double));
        Add(
            table,
            OtlpMessage.Buckets,
            One(MetricsFields.Buckets.Offset, "offset", SInt32),
            Many(MetricsFields.Buckets.BucketCounts, "bucketCounts", OtlpFieldType.UInt64));
        Add(
            table,
            OtlpMessage.SummaryDataPoint,
            start,
            time,
            One(MetricsFields.SummaryDataPoint.Count, "count", Fixed64),
            One(MetricsFields.SummaryDataPoint.Sum, "sum", OtlpFieldType.Double),
            Messages(MetricsFields.SummaryDataPoint.QuantileValues, "quantileValues", OtlpMessage.ValueAtQuantile),
            Messages(MetricsFields.SummaryDataPoint.Attributes, "attributes", OtlpMessage.KeyValue),
            One(MetricsFields.SummaryDataPoint.Flags, "flags", OtlpFieldType.UInt32));
        Add(
            table,
            OtlpMessage.ValueAtQuantile,
            One(MetricsFields.ValueAtQuantile.Quantile, "quantile", OtlpFieldType.Double),
            One(MetricsFields.ValueAtQuantile.Value, "value", OtlpFieldType.Double));
        Add(
            table,
            OtlpMessage.Exemplar,
            One(MetricsFields.Exemplar.TimeUnixNano, "timeUnixNano", Fixed64),
            Maybe(MetricsFields.Exemplar.AsDouble, "asDouble", OtlpFieldType.Double),
            One(MetricsFields.Exemplar.SpanId, "spanId", SpanId),
            One(MetricsFields.Exemplar.TraceId, "traceId", TraceId),
            Maybe(MetricsFields.Exemplar.AsInt, "asInt", SFixed64),
            Messages(MetricsFields.Exemplar.FilteredAttributes, "filteredAttributes", OtlpMessage.KeyValue));
    }

    private static void Add(OtlpField?[][] table, OtlpMessage message, params ReadOnlySpan<OtlpField> fields)
    {
        var last = 0;
        foreach (var field in fields)
        {
            last = Math.Max(last, field.Number);
        }

        var byNumber = new OtlpField?[last + 1];
        foreach (var field in fields)
        {
            byNumber[field.Number] = field;
        }

        table[(int)message] = byNumber;
    }

    private static OtlpField One(int number, string name, OtlpFieldType type) => new(number, name, type, OtlpMessage.None, repeated: false, optional: false);

    private static OtlpField Maybe(int number, string name, OtlpFieldType type) => new(number, name, type, OtlpMessage.None, repeated: false, optional: true);

    private static OtlpField Many(int number, string name, OtlpFieldType type) => new(number, name, type, OtlpMessage.None, repeated: true, optional: false);

    private static OtlpField Message(int number, string name, OtlpMessage message) => new(number, name, OtlpFieldType.Message, message, repeated: false, optional: true);

    private static OtlpField Messages(int number, string name, OtlpMessage message) => new(number, name, OtlpFieldType.Message, message, repeated: true, optional: false);
}
