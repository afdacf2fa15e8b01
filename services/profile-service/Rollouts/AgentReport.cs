using StellaOps.Telemetry.Contracts.Fleet;

namespace StellaOps.Telemetry.ProfileService.Rollouts;

/// <summary>What is known of an agent when a rollout looks at it.</summary>
/// <param name="Connected">Whether it was heard of within three of its heartbeats.</param>
/// <param name="Running">Counter of the deployment that it last said it applied; null: none of ours.</param>
/// <param name="Refused">Counter of the deployment that it last said it could not apply.</param>
/// <param name="Error">Why not, in its own words.</param>
/// <param name="Health">Null: it reports none.</param>
internal sealed record AgentReport(bool Connected, long? Running, long? Refused, string? Error, AgentHealth? Health);
