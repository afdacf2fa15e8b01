namespace StellaOps.Telemetry.ProfileService.Rollouts;

/// <summary>What one look at a rollout came to.</summary>
/// <param name="Offers">Agents that are to be offered its deployment now.</param>
/// <param name="RollBack">Whether <see cref="RolloutMachine.RollBack"/> has to follow: it needs deployments, which are not made here.</param>
internal sealed record RolloutStep(RolloutProgress Next, IReadOnlyList<string> Offers, bool RollBack)
{
    public static RolloutStep Of(RolloutProgress next) => new(next, [], RollBack: false);
}
