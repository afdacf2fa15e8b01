namespace StellaOps.Telemetry.ServiceDefaults.Audit;

/// <summary>What somebody did.</summary>
/// <param name="Actor">The token's subject (<c>principal.Actor()</c>), or <c>system:&lt;service&gt;</c> for what a service does by itself.</param>
/// <param name="Action"><c>noun.verb</c>: <c>tenant.disable</c>, <c>incident.start</c>.</param>
/// <param name="Tenant">The tenant concerned; null for what concerns none or all.</param>
/// <param name="Target">The id of what it was done to.</param>
/// <param name="Detail">JSON text, or null. No secret, no payload.</param>
public sealed record AuditEntry(string Actor, string Action, string? Tenant, string Target, string? Detail = null);
