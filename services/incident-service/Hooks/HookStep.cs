using StellaOps.Telemetry.Contracts.Incidents;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.IncidentService.Hooks;

/// <summary>What a delivery says about one incident.</summary>
/// <param name="Origin">Its correlation says which incident.</param>
/// <param name="Actor">As it stands in the audit trail.</param>
/// <param name="Request">What it opens; null: it only ends.</param>
/// <param name="Reason">Of the line in the timeline, when it ends.</param>
/// <param name="Firing">Alerts that fire.</param>
/// <param name="Resolved">Fingerprints of those that do no longer.</param>
internal sealed record HookStep(
    TenantId Tenant, IncidentOrigin Origin, string Actor, StartIncidentRequest? Request, string? Reason, IReadOnlyList<FiringAlert> Firing, IReadOnlyList<string> Resolved)
{
    public string Correlation => Origin.Correlation!;
}
