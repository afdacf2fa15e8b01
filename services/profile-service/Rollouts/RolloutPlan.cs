namespace StellaOps.Telemetry.ProfileService.Rollouts;

/// <summary>What was asked of a rollout; never changes.</summary>
/// <param name="Counter">Of its deployment.</param>
/// <param name="Soak">How long each batch is watched before the next one.</param>
/// <param name="ApplyWithin">How long an agent may take to apply, or be silent.</param>
internal sealed record RolloutPlan(long Counter, TimeSpan Soak, TimeSpan ApplyWithin, RolloutGate Gate);
