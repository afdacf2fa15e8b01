using StellaOps.Telemetry.Otlp.Fields;
using StellaOps.Telemetry.Otlp.Schema;
using StellaOps.Telemetry.Otlp.Wire;

namespace StellaOps.Telemetry.Otlp;

/// <summary>
/// Reads the records of an Export request in wire order, without allocating. It looks at the containers' own fields before their
/// records, so a resource may follow its scopes on the wire.
/// </summary>
/// <remarks>
/// Refused as malformed, since protobuf would merge them and every reader differently: a second resource, scope, schema url or
/// metric data in the same container; data points with other fields of their list between them.
/// </remarks>
public ref struct RecordReader
{
    private readonly OtlpSignal _signal;
    private WireReader _request;
    private WireReader _resourceGroup;
    private WireReader _scopeGroup;
    private WireReader _points;
    private ReadOnlySpan<byte> _resource;
    private ReadOnlySpan<byte> _resourceSchemaUrl;
    private ReadOnlySpan<byte> _scope;
    private ReadOnlySpan<byte> _scopeSchemaUrl;
    private MetricHeader _metric;
    private OtlpMessage _message;
    private RecordKeyTags _keyTags;
    private Level _level;
    private int _index;

    /// <summary>Starts at the first record of a request.</summary>
    public RecordReader(OtlpSignal signal, ReadOnlySpan<byte> request)
    {
        _signal = signal;
        _request = new WireReader(request);
        _message = signal == OtlpSignal.Traces ? OtlpMessage.Span : OtlpMessage.LogRecord;
        _keyTags = RecordKeyTags.Of(_message);
    }

    private enum Level : byte
    {
        Request,
        ResourceGroup,
        ScopeGroup,
        Points,
    }

    /// <summary>True once bytes were met that are no such request; the records before them were returned.</summary>
    public bool IsMalformed { get; private set; }

    /// <summary>Moves to the next record; false at the end and on malformed bytes.</summary>
    public bool TryRead(out OtlpRecord record)
    {
        if (TryMove(out var content))
        {
            return TryReturn(content, out record);
        }

        record = default;
        return false;
    }

    private bool TryMove(out ReadOnlySpan<byte> record)
    {
        record = default;
        while (!IsMalformed)
        {
            switch (_level)
            {
                case Level.Request:
                    if (!_request.TryReadField())
                    {
                        IsMalformed = _request.IsMalformed;
                        return false;
                    }

                    if (_request.FieldNumber == ContainerFields.Request.ResourceGroups)
                    {
                        IsMalformed = !TryEnter(in _request, out _resourceGroup, out _resource, out _resourceSchemaUrl);
                        _level = Level.ResourceGroup;
                    }

                    break;
                case Level.ResourceGroup:
                    if (!_resourceGroup.TryReadField())
                    {
                        _level = Level.Request;
                    }
                    else if (_resourceGroup.FieldNumber == ContainerFields.ResourceGroup.ScopeGroups)
                    {
                        IsMalformed = !TryEnter(in _resourceGroup, out _scopeGroup, out _scope, out _scopeSchemaUrl);
                        _level = Level.ScopeGroup;
                    }

                    break;
                case Level.ScopeGroup:
                    if (!_scopeGroup.TryReadField())
                    {
                        _level = Level.ResourceGroup;
                    }
                    else if (_scopeGroup.FieldNumber == ContainerFields.ScopeGroup.Records)
                    {
                        if (_scopeGroup.WireType != WireType.LengthDelimited)
                        {
                            IsMalformed = true;
                        }
                        else if (_signal != OtlpSignal.Metrics)
                        {
                            record = _scopeGroup.Content;
                            return true;
                        }
                        else
                        {
                            IsMalformed = !TryEnterMetric(_scopeGroup.Content);
                        }
                    }

                    break;
                case Level.Points:
                    if (!_points.TryReadField())
                    {
                        _level = Level.ScopeGroup;
                    }
                    else if (_points.FieldNumber == MetricsFields.Data.DataPoints)
                    {
                        record = _points.Content;
                        return true;
                    }

                    break;
            }
        }

        return false;
    }

    /// <summary>The message of the points in a metric's data field, or None when the field is no data.</summary>
    internal static OtlpMessage PointOf(int metricField) => metricField switch
    {
        MetricsFields.Metric.Gauge or MetricsFields.Metric.Sum => OtlpMessage.NumberDataPoint,
        MetricsFields.Metric.Histogram => OtlpMessage.HistogramDataPoint,
        MetricsFields.Metric.ExponentialHistogram => OtlpMessage.ExponentialHistogramDataPoint,
        MetricsFields.Metric.Summary => OtlpMessage.SummaryDataPoint,
        _ => OtlpMessage.None,
    };

    // Resource groups and scope groups have the same shape: 1 head, 2 children, 3 schema url.
    private static bool TryEnter(scoped in WireReader parent, out WireReader children, out ReadOnlySpan<byte> head, out ReadOnlySpan<byte> schemaUrl)
    {
        children = default;
        head = default;
        schemaUrl = default;
        if (parent.WireType != WireType.LengthDelimited)
        {
            return false;
        }

        var content = parent.Content;
        var heads = 0;
        var schemaUrls = 0;
        var scan = new WireReader(content);
        while (scan.TryReadField())
        {
            if (scan.FieldNumber > ContainerFields.ResourceGroup.SchemaUrl)
            {
                continue;
            }

            if (scan.WireType != WireType.LengthDelimited)
            {
                return false;
            }

            if (scan.FieldNumber == ContainerFields.ResourceGroup.Resource)
            {
                head = scan.Content;
                heads++;
            }
            else if (scan.FieldNumber == ContainerFields.ResourceGroup.SchemaUrl)
            {
                schemaUrl = scan.Content;
                schemaUrls++;
            }
        }

        children = new WireReader(content);
        return !scan.IsMalformed && heads <= 1 && schemaUrls <= 1;
    }

    private bool TryEnterMetric(ReadOnlySpan<byte> metric)
    {
        var dataField = 0;
        ReadOnlySpan<byte> before = default;
        ReadOnlySpan<byte> after = default;
        ReadOnlySpan<byte> data = default;
        var scan = new WireReader(metric);
        while (scan.TryReadField())
        {
            if (PointOf(scan.FieldNumber) == OtlpMessage.None)
            {
                continue;
            }

            if (dataField != 0 || scan.WireType != WireType.LengthDelimited)
            {
                return false;
            }

            dataField = scan.FieldNumber;
            data = scan.Content;
            before = metric[..scan.FieldStart];
            after = metric[scan.FieldEnd..];
        }

        if (scan.IsMalformed || !TryFindPoints(data, out var first, out var end))
        {
            return false;
        }

        _metric = new MetricHeader { Before = before, After = after, DataField = dataField, DataBefore = data[..first], DataAfter = data[end..] };
        _message = PointOf(dataField);
        _keyTags = RecordKeyTags.Of(_message);
        _points = new WireReader(data[first..end]);
        _level = Level.Points;
        return true;
    }

    private static bool TryFindPoints(ReadOnlySpan<byte> data, out int first, out int end)
    {
        first = data.Length;
        end = data.Length;
        var inside = false;
        var seen = false;
        var scan = new WireReader(data);
        while (scan.TryReadField())
        {
            if (scan.FieldNumber != MetricsFields.Data.DataPoints)
            {
                inside = false;
                continue;
            }

            if (scan.WireType != WireType.LengthDelimited || (seen && !inside))
            {
                return false;
            }

            first = seen ? first : scan.FieldStart;
            end = scan.FieldEnd;
            seen = true;
            inside = true;
        }

        return !scan.IsMalformed;
    }

    private bool TryReturn(ReadOnlySpan<byte> content, out OtlpRecord record)
    {
        record = default;
        if (!_keyTags.TryRead(content, out var time, out var traceId, out var spanId))
        {
            IsMalformed = true;
            return false;
        }

        record = new OtlpRecord
        {
            Index = _index++,
            Resource = _resource,
            ResourceSchemaUrl = _resourceSchemaUrl,
            Scope = _scope,
            ScopeSchemaUrl = _scopeSchemaUrl,
            Message = _message,
            Record = content,
            Metric = _metric,
            EventTimeUnixNano = time,
            TraceId = traceId,
            SpanId = spanId,
        };
        return true;
    }
}
