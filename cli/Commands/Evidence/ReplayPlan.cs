using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.Cli.Commands.Evidence;

/// <summary>What a replay is to do.</summary>
/// <param name="Rate">Records per second; null: no limit.</param>
/// <param name="Gateway">The gateway's own API, or null.</param>
internal sealed record ReplayPlan(string Bundle, Uri Endpoint, double? Rate, TenantId? Tenant, Uri? Gateway, bool DryRun);
