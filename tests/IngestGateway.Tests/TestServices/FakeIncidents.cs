using StellaOps.Telemetry.Contracts.Incidents;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.IngestGateway.Incidents;

namespace StellaOps.Telemetry.IngestGateway.Tests.TestServices;

internal sealed class FakeIncidents : IIncidentScopes
{
    public event Action? Changed;

    public IncidentsModel Current { get; private set; } = IncidentsModel.None;

    public void Open(TenantId tenant, DateTimeOffset now, TimeSpan duration, params string[] services)
    {
        Current = new IncidentsModel([new IncidentMessage("inc-1", 1, false, tenant, services, 1, now, now + duration)]);
        Changed?.Invoke();
    }
}
