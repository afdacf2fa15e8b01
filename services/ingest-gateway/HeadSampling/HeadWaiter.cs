using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.IngestGateway.Pipeline;

namespace StellaOps.Telemetry.IngestGateway.HeadSampling;

/// <summary>One place among <see cref="HeadWaiters"/>.</summary>
internal sealed class HeadWaiter(HeadWaiters among, TenantId tenant) : IDisposable
{
    private volatile bool _isClosed;

    public TenantId Tenant => tenant;

    /// <summary>Whether the gateway stops.</summary>
    public bool IsClosed => _isClosed;

    /// <summary>Pulsed when the answer may be another.</summary>
    public PulseSignal Woken { get; } = new();

    public void Close()
    {
        _isClosed = true;
        Woken.Pulse();
    }

    public void Dispose() => among.Leave(this);
}
