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

    /// <summary>Opens these, and no others.</summary>
    public void Open(params IncidentMessage[] incidents)
    {
        Current = new IncidentsModel([.. incidents]);
        Changed?.Invoke();
    }

    /// <summary>Opens many at once, on services of their own.</summary>
    public void OpenMany(TenantId tenant, DateTimeOffset now, int count)
    {
        Current = new IncidentsModel([.. Enumerable.Range(0, count).Select(i => new IncidentMessage($"inc-{i}", 1, false, tenant, [$"service-{i}"], 1, now, now + TimeSpan.FromHours(1)))]);
        Changed?.Invoke();
    }
}
