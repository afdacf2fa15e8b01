using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;

namespace StellaOps.Telemetry.IngestGateway.FunctionalTests.TestServices;

/// <summary>Counts one gateway's refusals for one reason, exactly, from now on.</summary>
internal sealed class ViolationCount : IDisposable
{
    private readonly MeterListener _listener = new();
    private long _count;

    public ViolationCount(GatewayUnderTest gateway, string reason)
    {
        var meters = gateway.Services.GetRequiredService<IMeterFactory>();
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == "telemetry.ingest.violations" && instrument.Meter.Scope == meters)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, value, tags, _) =>
        {
            foreach (var tag in tags)
            {
                if (tag is { Key: "reason", Value: string r } && r == reason)
                {
                    Interlocked.Add(ref _count, value);
                }
            }
        });
        _listener.Start();
    }

    public long Count => Interlocked.Read(ref _count);

    public void Dispose() => _listener.Dispose();
}
