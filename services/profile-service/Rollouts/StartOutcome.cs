using StellaOps.Telemetry.Profiles.Signing;

namespace StellaOps.Telemetry.ProfileService.Rollouts;

/// <summary>What became of a request to start a rollout.</summary>
internal abstract record StartOutcome
{
    private StartOutcome()
    {
    }

    public sealed record Started(string Id) : StartOutcome;

    public sealed record NoVersion : StartOutcome;

    /// <summary>The fleet is not such that it could be started.</summary>
    public sealed record Impossible(string Why) : StartOutcome;

    /// <summary>Receivers would refuse the deployment.</summary>
    public sealed record Refused(DeploymentJudgement.Refused Judgement) : StartOutcome;

    /// <summary>The Idempotency-Key was used with another request.</summary>
    public sealed record KeyReused : StartOutcome;
}
