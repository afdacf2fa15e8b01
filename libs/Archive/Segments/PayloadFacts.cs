using System.Text;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Otlp.Wire;

namespace StellaOps.Telemetry.Archive.Segments;

/// <summary>Gathers what a manifest tells of its payloads: range of event times, names of services.</summary>
internal sealed class PayloadFacts
{
    // Of an Export*ServiceRequest, alike in all three signals: request.resource_* (1) = { resource (1), scope_* (2) = { record (2) } }.
    private const int ResourceItems = 1;
    private const int Resource = 1;
    private const int ScopeItems = 2;
    private const int Records = 2;
    private const int ResourceAttributes = 1;

    private readonly SortedSet<string> _services = new(StringComparer.Ordinal);
    private ulong _from = ulong.MaxValue;
    private ulong _to;

    public IReadOnlyList<string> Services => [.. _services];

    public ulong? EventFrom => _from <= _to ? _from : null;

    public ulong? EventTo => _from <= _to ? _to : null;

    /// <summary>Adds a payload. Bytes that are no protobuf were refused at the door; here they just tell nothing.</summary>
    public void Add(Signal signal, ReadOnlySpan<byte> payload)
    {
        var request = new WireReader(payload);
        while (request.TryReadField())
        {
            if (request is { FieldNumber: ResourceItems, WireType: WireType.LengthDelimited })
            {
                AddResourceItem(signal, request.Content);
            }
        }
    }

    private void AddResourceItem(Signal signal, ReadOnlySpan<byte> content)
    {
        var service = "";
        var item = new WireReader(content);
        while (item.TryReadField())
        {
            if (item.WireType != WireType.LengthDelimited)
            {
                continue;
            }

            if (item.FieldNumber == Resource)
            {
                service = ServiceName(item.Content) ?? service;
            }
            else if (item.FieldNumber == ScopeItems)
            {
                var scope = new WireReader(item.Content);
                while (scope.TryReadField())
                {
                    if (scope is { FieldNumber: Records, WireType: WireType.LengthDelimited })
                    {
                        AddRecord(signal, scope.Content);
                    }
                }
            }
        }

        _services.Add(service);
    }

    private void AddRecord(Signal signal, ReadOnlySpan<byte> content)
    {
        switch (signal)
        {
            case Signal.Traces:
                AddTime(TimeOf(content, 7, 7));
                break;
            case Signal.Logs:
                AddTime(TimeOf(content, 1, 11));
                break;
            default:
                // Metric: gauge (5), sum (7), histogram (9), exponential_histogram (10), summary (11), each with data_points (1), each with time_unix_nano (3).
                var metric = new WireReader(content);
                while (metric.TryReadField())
                {
                    if (metric is not { WireType: WireType.LengthDelimited, FieldNumber: 5 or 7 or 9 or 10 or 11 })
                    {
                        continue;
                    }

                    var data = new WireReader(metric.Content);
                    while (data.TryReadField())
                    {
                        if (data is { FieldNumber: 1, WireType: WireType.LengthDelimited })
                        {
                            AddTime(TimeOf(data.Content, 3, 3));
                        }
                    }
                }

                break;
        }
    }

    private void AddTime(ulong time)
    {
        if (time != 0)
        {
            _from = Math.Min(_from, time);
            _to = Math.Max(_to, time);
        }
    }

    private static ulong TimeOf(ReadOnlySpan<byte> record, int field, int otherwise)
    {
        ulong time = 0;
        ulong other = 0;
        var reader = new WireReader(record);
        while (reader.TryReadField())
        {
            if (reader.WireType == WireType.Fixed64)
            {
                if (reader.FieldNumber == field)
                {
                    time = reader.Value;
                }
                else if (reader.FieldNumber == otherwise)
                {
                    other = reader.Value;
                }
            }
        }

        return time != 0 ? time : other;
    }

    private static string? ServiceName(ReadOnlySpan<byte> resource)
    {
        var reader = new WireReader(resource);
        while (reader.TryReadField())
        {
            if (reader is not { FieldNumber: ResourceAttributes, WireType: WireType.LengthDelimited })
            {
                continue;
            }

            var isName = false;
            ReadOnlySpan<byte> value = default;
            var pair = new WireReader(reader.Content);
            while (pair.TryReadField())
            {
                if (pair.WireType == WireType.LengthDelimited)
                {
                    isName |= pair.FieldNumber == 1 && pair.Content.SequenceEqual("service.name"u8);
                    value = pair.FieldNumber == 2 ? pair.Content : value;
                }
            }

            var any = new WireReader(value);
            while (isName && any.TryReadField())
            {
                if (any is { FieldNumber: 1, WireType: WireType.LengthDelimited })
                {
                    return Encoding.UTF8.GetString(any.Content);
                }
            }
        }

        return null;
    }
}
