using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.IngestGateway.Configuration;
using StellaOps.Telemetry.Otlp.Wire;

namespace StellaOps.Telemetry.IngestGateway.Admission;

/// <summary>The steps over a request's bytes, from the wire and redaction libraries.</summary>
internal sealed class RequestTreatment
{
    /// <summary>Any of the fields of <c>Metric.data</c>.</summary>
    private const byte MetricData = 0;

    private readonly int _maxRecords;

    public RequestTreatment(GatewayConfiguration configuration)
    {
        _maxRecords = configuration.Settings.Ingest.MaxRecordsPerRequest;
        if (configuration.RedactionPolicyText is not null)
        {
            throw new NotSupportedException($"redaction policy '{configuration.Settings.RedactionPolicy}' cannot be applied by this build");
        }
    }

    /// <summary>Groups by resource, groups by scope, records.</summary>
    private static ReadOnlySpan<byte> RecordPath => [1, 2, 2];

    private static ReadOnlySpan<byte> MetricPath => [1, 2, 2, MetricData, 1];

    public IngestStatus FromJson(Signal signal, ReadOnlySpan<byte> json, PooledBody output)
    {
        _ = (signal, json.Length, output, _maxRecords);
        return IngestStatus.Malformed;
    }

    public IngestStatus Judge(Signal signal, ReadOnlySpan<byte> request, out int records)
    {
        records = 0;
        return !TryCount(request, signal == Signal.Metrics ? MetricPath : RecordPath, ref records) ? IngestStatus.Malformed
            : records > _maxRecords ? IngestStatus.TooManyRecords
            : IngestStatus.Accepted;
    }

    public IngestStatus Redact(Signal signal, TenantId tenant, ReadOnlyMemory<byte> request, PooledBody output, out ReadOnlyMemory<byte> safe)
    {
        _ = (signal, tenant, output, _maxRecords);
        safe = request;
        return IngestStatus.Accepted;
    }

    /// <summary>Counts what stands at the end of the path; false on bytes that are no messages on the way there.</summary>
    private static bool TryCount(ReadOnlySpan<byte> message, ReadOnlySpan<byte> path, ref int records)
    {
        var reader = new WireReader(message);
        while (reader.TryReadField())
        {
            var isNext = path[0] == MetricData ? reader.FieldNumber is 5 or 7 or 9 or 10 or 11 : reader.FieldNumber == path[0];
            if (!isNext)
            {
                continue;
            }

            if (path.Length == 1)
            {
                records++;
            }
            else if (!TryCount(reader.Content, path[1..], ref records))
            {
                return false;
            }
        }

        return !reader.IsMalformed;
    }
}
