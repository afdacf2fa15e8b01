using System.Buffers.Binary;
using System.IO.Hashing;
using StellaOps.Telemetry.Otlp.Wire;

namespace StellaOps.Telemetry.IngestGateway.Sampling;

/// <summary>What the sampler takes from a span.</summary>
internal readonly record struct SpanFeatures(int Index, UInt128 TraceId, ulong Start, ulong End, int StatusCode, ulong ServiceHash);

/// <summary>Reads the features of a trace request's spans, in wire order.</summary>
internal static class SpanWalker
{
    public static ulong HashOf(ReadOnlySpan<byte> serviceName) => XxHash3.HashToUInt64(serviceName);

    public static void Walk(ReadOnlySpan<byte> request, List<SpanFeatures> spans)
    {
        var groups = new WireReader(request);
        while (groups.TryReadField())
        {
            if (groups is not { FieldNumber: 1, WireType: WireType.LengthDelimited })
            {
                continue;
            }

            var service = ServiceOf(groups.Content);
            var group = new WireReader(groups.Content);
            while (group.TryReadField())
            {
                if (group is not { FieldNumber: 2, WireType: WireType.LengthDelimited })
                {
                    continue;
                }

                var scope = new WireReader(group.Content);
                while (scope.TryReadField())
                {
                    if (scope is { FieldNumber: 2, WireType: WireType.LengthDelimited })
                    {
                        spans.Add(Read(scope.Content, spans.Count, service));
                    }
                }
            }
        }
    }

    private static SpanFeatures Read(ReadOnlySpan<byte> span, int index, ulong service)
    {
        UInt128 traceId = 0;
        ulong start = 0;
        ulong end = 0;
        var status = 0;
        var fields = new WireReader(span);
        while (fields.TryReadField())
        {
            switch (fields.FieldNumber)
            {
                case 1 when fields.Content.Length == 16:
                    traceId = BinaryPrimitives.ReadUInt128BigEndian(fields.Content);
                    break;
                case 7:
                    start = fields.Value;
                    break;
                case 8:
                    end = fields.Value;
                    break;
                case 15:
                    var message = new WireReader(fields.Content);
                    while (message.TryReadField())
                    {
                        if (message is { FieldNumber: 3, WireType: WireType.Varint })
                        {
                            status = (int)message.Value;
                        }
                    }

                    break;
            }
        }

        // A span of no trace is a trace of its own.
        return new SpanFeatures(index, traceId != 0 ? traceId : XxHash128.HashToUInt128(span), start, end, status, service);
    }

    private static ulong ServiceOf(ReadOnlySpan<byte> group)
    {
        var fields = new WireReader(group);
        while (fields.TryReadField())
        {
            if (fields is not { FieldNumber: 1, WireType: WireType.LengthDelimited })
            {
                continue;
            }

            var resource = new WireReader(fields.Content);
            while (resource.TryReadField())
            {
                if (resource is not { FieldNumber: 1, WireType: WireType.LengthDelimited })
                {
                    continue;
                }

                ReadOnlySpan<byte> key = default;
                ReadOnlySpan<byte> value = default;
                var pair = new WireReader(resource.Content);
                while (pair.TryReadField())
                {
                    if (pair.FieldNumber == 1)
                    {
                        key = pair.Content;
                    }
                    else if (pair.FieldNumber == 2)
                    {
                        var any = new WireReader(pair.Content);
                        value = any.TryReadField() && any.FieldNumber == 1 ? any.Content : default;
                    }
                }

                if (key.SequenceEqual("service.name"u8))
                {
                    return HashOf(value);
                }
            }
        }

        return HashOf(default);
    }
}
