using System.Text;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Otlp;
using StellaOps.Telemetry.Otlp.Fields;
using StellaOps.Telemetry.Otlp.Schema;
using StellaOps.Telemetry.Otlp.Wire;

namespace StellaOps.Telemetry.Archive.Search;

/// <summary>A <see cref="RecordQuery"/>, ready to be put to records: the one place that says what a capture or a search takes. For any number of threads.</summary>
public sealed class RecordMatcher
{
    private readonly byte[][] _services;
    private readonly byte[]? _traceId;
    private readonly ulong? _eventFrom;
    private readonly ulong? _eventTo;
    private readonly int? _minSeverity;
    private readonly AttributeCondition[] _attributes;
    private readonly TextNeedle? _text;

    /// <exception cref="ArgumentException">A text is empty, or there are too many attributes.</exception>
    /// <exception cref="FormatException">The trace id is none.</exception>
    public RecordMatcher(RecordQuery query)
    {
        if (query.Text is "" || query.Attributes.Count > RecordQuery.MaxAttributes)
        {
            throw new ArgumentException($"a text has at least a character, and at most {RecordQuery.MaxAttributes} attributes are asked for", nameof(query));
        }

        _services = [.. query.Services.Select(Encoding.UTF8.GetBytes)];
        _traceId = query.TraceId is null ? null : Convert.FromHexString(query.TraceId);
        (_eventFrom, _eventTo) = (query.EventFromUnixNano, query.EventToUnixNano);
        _minSeverity = query.MinSeverity;
        _attributes = [.. query.Attributes.Select(a => new AttributeCondition(a))];
        _text = query.Text is null ? null : new TextNeedle(query.Text, query.IgnoreCase);
        Filter = new PayloadFilter(_traceId, _attributes, _text, _services);
    }

    internal PayloadFilter Filter { get; }

    internal ReadOnlySpan<AttributeCondition> Attributes => _attributes;

    /// <summary>Whether a record of the signal can match at all.</summary>
    public bool MayTake(Signal signal) => signal switch
    {
        Signal.Logs => true,
        Signal.Traces => !AsksOfLogs,
        _ => !AsksOfLogs && _traceId is null,
    };

    /// <summary>Begins with the records of one payload.</summary>
    public PayloadMatcher Begin() => new(this);

    /// <summary>What does not depend on resource or attributes.</summary>
    internal bool TakesItself(in OtlpRecord record) =>
        (_traceId is null || record.TraceId.SequenceEqual(_traceId))
        && (_eventFrom is null || record.EventTimeUnixNano >= _eventFrom) && (_eventTo is null || record.EventTimeUnixNano < _eventTo)
        && ((_eventFrom is null && _eventTo is null) || record.EventTimeUnixNano != 0)
        && (!AsksOfLogs || (record.Message == OtlpMessage.LogRecord && TakesLog(record.Record)));

    internal bool TakesService(ReadOnlySpan<byte> resource)
    {
        if (_services.Length == 0)
        {
            return true;
        }

        if (ResourceView.TryGetServiceName(resource, out var name))
        {
            foreach (var service in _services)
            {
                if (name.SequenceEqual(service))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private bool AsksOfLogs => _minSeverity is not null || _text is not null;

    private bool TakesLog(ReadOnlySpan<byte> record)
    {
        var severity = 0L;
        ReadOnlySpan<byte> body = default;
        var reader = new WireReader(record);
        while (reader.TryReadField())
        {
            if (reader.FieldNumber == LogsFields.LogRecord.SeverityNumber && reader.WireType == WireType.Varint)
            {
                severity = (long)reader.Value;
            }
            else if (reader.FieldNumber == LogsFields.LogRecord.Body && reader.WireType == WireType.LengthDelimited)
            {
                body = reader.Content;
            }
        }

        return (_minSeverity is null || severity >= _minSeverity) && (_text is null || BodySearch.Holds(body, _text));
    }
}
