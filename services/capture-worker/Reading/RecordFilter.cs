using System.Text;
using StellaOps.Telemetry.CaptureWorker.Jobs;
using StellaOps.Telemetry.Otlp;

namespace StellaOps.Telemetry.CaptureWorker.Reading;

/// <summary>Whether a record is one that the job asked for.</summary>
internal sealed class RecordFilter
{
    private readonly List<byte[]> _services;
    private readonly byte[]? _traceId;

    public RecordFilter(CaptureJob job)
    {
        _services = [.. job.Services.Select(Encoding.UTF8.GetBytes)];
        _traceId = job.TraceId is null ? null : Convert.FromHexString(job.TraceId);
    }

    public bool Takes(in OtlpRecord record) =>
        (_traceId is null || record.TraceId.SequenceEqual(_traceId)) && (_services.Count == 0 || IsOfService(record));

    private bool IsOfService(in OtlpRecord record)
    {
        if (ResourceView.TryGetServiceName(record.Resource, out var name))
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
}
