using System.Diagnostics.Metrics;
using StellaOps.Telemetry.IncidentService.Incidents;

namespace StellaOps.Telemetry.IncidentService.Publishing;

/// <summary>
/// <c>telemetry_incident_mode{tenant,service}</c>: 1 while sampling is raised, 0 for a while after. Service <c>*</c> means all of the tenant.
/// Labels come from who may open incidents, and are bounded all the same.
/// </summary>
internal sealed class IncidentMetrics
{
    private const int MaxSeries = 1000;

    // Replaced as a whole by the publisher, read by the scrape.
    private volatile IReadOnlyList<Measurement<int>> _measurements = [];

    public IncidentMetrics(IMeterFactory meters) => meters.Create("StellaOps.Telemetry.IncidentService").CreateObservableGauge(
        "telemetry_incident_mode", () => _measurements, description: "1 while an incident keeps sampling raised for the tenant's service");

    /// <summary>Shows these incidents, and no others, from now on.</summary>
    public void Show(IReadOnlyList<Incident> incidents) => _measurements =
    [
        .. incidents
            .SelectMany(i => (i.Services.Count == 0 ? ["*"] : i.Services).Select(s => (Tenant: i.Tenant.Value, Service: s, i.IsRaised)))
            .GroupBy(s => (s.Tenant, s.Service))
            .OrderByDescending(g => g.Any(s => s.IsRaised))
            .Take(MaxSeries)
            .Select(g => new Measurement<int>(g.Any(s => s.IsRaised) ? 1 : 0, new("tenant", g.Key.Tenant), new("service", g.Key.Service))),
    ];
}
