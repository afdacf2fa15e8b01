using StellaOps.Telemetry.Contracts.Rollouts;

namespace StellaOps.Telemetry.ProfileService.Rollouts;

/// <summary>How far a rollout is.</summary>
/// <param name="Batch">The batch that is out now, from 1; 0: none yet.</param>
/// <param name="Soaked">How long the batch has been watched all good.</param>
/// <param name="Failure">What stopped it; null: nothing.</param>
/// <param name="SteppedAt">When it was looked at last. Time in which nobody looked counts for nothing, so an outage fails no agent.</param>
internal sealed record RolloutProgress(
    RolloutState State, int Batch, TimeSpan Soaked, string? Failure, DateTimeOffset SteppedAt, IReadOnlyList<RolloutMember> Members)
{
    public bool IsFinal => State is RolloutState.Completed or RolloutState.RolledBack or RolloutState.Failed;

    public int Batches => Members.Count == 0 ? 0 : Members.Max(m => m.Batch);
}
