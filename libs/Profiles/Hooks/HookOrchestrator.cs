using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.Profiles.Hooks;

/// <summary>An orchestrator that may report.</summary>
/// <param name="Name">Unique; stands in the audit trail as <c>orchestrator:NAME</c>.</param>
/// <param name="Tenants">Whose incidents it may open; with several, an event names one of them.</param>
/// <param name="SecretFiles">Each holds one <c>whsec_...</c>; any of them is good, so that keys can be changed.</param>
public sealed record HookOrchestrator(string Name, IReadOnlyList<TenantId> Tenants, IReadOnlyList<string> SecretFiles);
