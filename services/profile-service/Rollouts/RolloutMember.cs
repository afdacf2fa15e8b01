using System.Collections.Frozen;
using StellaOps.Telemetry.Contracts.Rollouts;

namespace StellaOps.Telemetry.ProfileService.Rollouts;

/// <summary>One agent of a rollout.</summary>
/// <param name="Batch">From 1.</param>
internal sealed record RolloutMember(string Uid, int Batch, RolloutAgentState State = RolloutAgentState.Waiting)
{
    public static readonly FrozenDictionary<string, double> NoMetrics = FrozenDictionary<string, double>.Empty;

    /// <summary>Counter of the deployment that it ran when it was offered this one; null: none of ours.</summary>
    public long? Before { get; init; }

    /// <summary>Counter of the deployment that takes it back; null: none.</summary>
    public long? Revert { get; init; }

    /// <summary>How long it has been watched without being where it should be.</summary>
    public TimeSpan Silent { get; init; }

    /// <summary>How long it has been watched saying that it is not healthy.</summary>
    public TimeSpan Unhealthy { get; init; }

    /// <summary>Its metrics when it was offered this.</summary>
    public IReadOnlyDictionary<string, double> Baseline { get; init; } = NoMetrics;

    /// <summary>Why it failed, in its own words where it has any.</summary>
    public string? Error { get; init; }

    public DateTimeOffset? OfferedAt { get; init; }

    public DateTimeOffset? SettledAt { get; init; }

    /// <summary>Whether this rollout has changed what it should run.</summary>
    public bool IsTouched => State is not RolloutAgentState.Waiting;
}
