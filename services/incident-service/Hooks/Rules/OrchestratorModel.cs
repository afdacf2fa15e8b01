using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.Profiles.Hooks;

namespace StellaOps.Telemetry.IncidentService.Hooks.Rules;

/// <summary>An orchestrator with its keys. A class, so that no log prints them.</summary>
internal sealed class OrchestratorModel(HookOrchestrator orchestrator, IReadOnlyList<byte[]> secrets)
{
    public string Name => orchestrator.Name;

    public IReadOnlyList<TenantId> Tenants => orchestrator.Tenants;

    public IReadOnlyList<byte[]> Secrets => secrets;
}
