using System.Diagnostics.Metrics;

namespace StellaOps.Telemetry.Egress.Tests.TestServices;

/// <summary>Makes meters of its own.</summary>
internal sealed class TestMeterFactory : IMeterFactory
{
    private readonly List<Meter> _meters = [];

    public Meter Create(MeterOptions options)
    {
        var meter = new Meter(options);
        _meters.Add(meter);
        return meter;
    }

    public void Dispose() => _meters.ForEach(m => m.Dispose());
}
