using System.Text.Json.Serialization;

namespace StellaOps.Telemetry.Contracts.Rollouts;

/// <summary>Where a rollout stands. The last three are final.</summary>
public enum RolloutState
{
    [JsonStringEnumMemberName("pending")]
    Pending,

    /// <summary>A batch was offered and not all of it has applied it yet.</summary>
    [JsonStringEnumMemberName("running")]
    Running,

    /// <summary>The batch runs it; it is watched before the next one.</summary>
    [JsonStringEnumMemberName("soaking")]
    Soaking,

    /// <summary>Nothing more is offered until somebody resumes it or rolls it back.</summary>
    [JsonStringEnumMemberName("paused")]
    Paused,

    [JsonStringEnumMemberName("rolling_back")]
    RollingBack,

    [JsonStringEnumMemberName("rolled_back")]
    RolledBack,

    [JsonStringEnumMemberName("completed")]
    Completed,

    /// <summary>Not even rolled back everywhere: <see cref="RolloutResponse.Failure"/> says where it stands.</summary>
    [JsonStringEnumMemberName("failed")]
    Failed,
}

/// <summary>Where one agent of a rollout stands.</summary>
public enum RolloutAgentState
{
    /// <summary>Its batch has not come yet: nothing was offered.</summary>
    [JsonStringEnumMemberName("waiting")]
    Waiting,

    [JsonStringEnumMemberName("offered")]
    Offered,

    [JsonStringEnumMemberName("applied")]
    Applied,

    /// <summary>It refused, or fell ill with it.</summary>
    [JsonStringEnumMemberName("failed")]
    Failed,

    /// <summary>It did not answer in time, and the rollout was resumed without it. It takes the configuration when it comes back.</summary>
    [JsonStringEnumMemberName("passed_over")]
    PassedOver,

    /// <summary>It was offered what it ran before.</summary>
    [JsonStringEnumMemberName("reverting")]
    Reverting,

    [JsonStringEnumMemberName("reverted")]
    Reverted,

    /// <summary>It keeps what it has: there is no earlier deployment that it may go back to.</summary>
    [JsonStringEnumMemberName("kept")]
    Kept,
}

/// <summary>Body of <c>POST /api/v1/rollouts</c>.</summary>
/// <param name="Version">Null: the latest.</param>
/// <param name="Selector">Labels that an agent must have; null or empty: every agent.</param>
/// <param name="Canary">How many agents come first: a count (<c>1</c>) or a share (<c>10%</c>).</param>
/// <param name="Batches">How many batches there are with the canary, each so much larger than the one before that they take all; null: each twice the one before.</param>
/// <param name="SoakSeconds">How long each batch is watched before the next one.</param>
/// <param name="ApplySeconds">How long an agent may take to apply, or be silent.</param>
/// <param name="Floor">The lowest version of this profile that may be deployed from now on; null: as it is.</param>
/// <param name="ApprovalOverride">Sigstore bundle of a break-glass approval: waives missing approvals and the floor, loudly. Base64 in JSON.</param>
/// <param name="Gate">What an agent must keep to; null: the defaults.</param>
public sealed record StartRolloutRequest(
    string Profile,
    long? Version = null,
    IReadOnlyDictionary<string, string>? Selector = null,
    string Canary = "1",
    int? Batches = null,
    int SoakSeconds = 30,
    int ApplySeconds = 60,
    long? Floor = null,
    string? Reason = null,
    byte[]? ApprovalOverride = null,
    RolloutLimits? Gate = null);

/// <summary>Body of <c>POST /api/v1/rollouts/{id}/pause|resume|rollback</c>.</summary>
public sealed record ChangeRolloutRequest(string? Reason = null);

/// <summary>One rollout.</summary>
/// <param name="Counter">Of its deployment.</param>
/// <param name="Batch">The batch that is out now, from 1; 0: none yet.</param>
/// <param name="BatchSizes">Agents of each batch, the canary first.</param>
/// <param name="Agents">How many agents stand where.</param>
/// <param name="Failure">What stopped it: the agent and its own words; null: nothing.</param>
/// <param name="BreakGlass">Whether an override stood in for approvals or the floor.</param>
/// <param name="Gate">What an agent must keep to.</param>
public sealed record RolloutResponse(
    string Id,
    string Profile,
    long Version,
    long Counter,
    IReadOnlyDictionary<string, string> Selector,
    RolloutState State,
    int Batch,
    IReadOnlyList<int> BatchSizes,
    IReadOnlyDictionary<RolloutAgentState, int> Agents,
    int SoakSeconds,
    int SoakedSeconds,
    string? Failure,
    string? Reason,
    bool BreakGlass,
    RolloutLimits Gate,
    string StartedBy,
    DateTimeOffset StartedAt,
    DateTimeOffset? FinishedAt,
    IReadOnlyList<RolloutEvent> Timeline);

/// <summary>One step of a rollout's timeline.</summary>
/// <param name="Actor">The token's subject, or <c>system:profile-service</c>.</param>
public sealed record RolloutEvent(DateTimeOffset At, string Actor, string Action, string? Detail);

/// <summary>One agent of a rollout: an item of <c>GET /api/v1/rollouts/{id}/agents</c>.</summary>
/// <param name="Batch">From 1.</param>
/// <param name="Before">What it ran before, <c>profile@version</c>; null: nothing of ours.</param>
/// <param name="Counter">Of the deployment that it was offered last; null: none yet.</param>
/// <param name="Error">Why it failed, in its own words where it has any.</param>
public sealed record RolloutAgentResponse(
    string Uid, string Kind, int Batch, RolloutAgentState State, string? Before, long? Counter, string? Error, DateTimeOffset? OfferedAt, DateTimeOffset? SettledAt);
