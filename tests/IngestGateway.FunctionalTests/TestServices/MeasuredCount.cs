using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;

namespace StellaOps.Telemetry.IngestGateway.FunctionalTests.TestServices;

/// <summary>
/// One gateway's measurements of one instrument with this tag, summed from now on. Exact where a scrape is not: it is answered from a cache, and
/// several gateways in one process share its text.
/// </summary>
internal sealed class MeasuredCount : IDisposable
{
    private readonly MeterListener _listener = new();
    private long _count;

    public MeasuredCount(GatewayUnderTest gateway, string instrumentName, string key, string value)
    {
        var meters = gateway.Services.GetRequiredService<IMeterFactory>();
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == instrumentName && instrument.Meter.Scope == meters)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, measured, tags, _) =>
        {
            foreach (var tag in tags)
            {
                if (tag.Key == key && tag.Value is string v && v == value)
                {
                    Interlocked.Add(ref _count, measured);
                }
            }
        });
        _listener.Start();
    }

    public long Count => Interlocked.Read(ref _count);

    public void Dispose() => _listener.Dispose();
}
