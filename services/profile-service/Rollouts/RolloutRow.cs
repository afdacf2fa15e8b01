using System.Text.Json;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Rollouts;

namespace StellaOps.Telemetry.ProfileService.Rollouts;

/// <summary>A rollout as it stands in the database.</summary>
internal sealed record RolloutRow(
    string Id,
    string Profile,
    long Version,
    long Counter,
    string Selector,
    int SoakSeconds,
    int ApplySeconds,
    string? Reason,
    bool BreakGlass,
    int UnhealthySeconds,
    long ExportFailures,
    long Refusals,
    int QueueSeconds,
    string State,
    int Batch,
    TimeSpan Soaked,
    string? Failure,
    DateTime SteppedAt,
    string StartedBy,
    DateTime StartedAt,
    DateTime? FinishedAt)
{
    public const string Columns =
        """
        id AS Id, profile AS Profile, version AS Version, counter AS Counter, selector::text AS Selector, soak_seconds AS SoakSeconds, apply_seconds AS ApplySeconds,
        reason AS Reason, break_glass AS BreakGlass, unhealthy_seconds AS UnhealthySeconds, export_failures AS ExportFailures, refusals AS Refusals, queue_seconds AS QueueSeconds,
        state AS State, batch AS Batch, soaked AS Soaked, failure AS Failure, stepped_at AS SteppedAt,
        started_by AS StartedBy, started_at AS StartedAt, finished_at AS FinishedAt
        """;

    private RolloutLimits Gate => new(UnhealthySeconds, ExportFailures, Refusals, QueueSeconds);

    public RolloutPlan ToPlan() => new(Counter, TimeSpan.FromSeconds(SoakSeconds), TimeSpan.FromSeconds(ApplySeconds), RolloutGate.Of(Gate));

    public RolloutProgress ToProgress(IReadOnlyList<RolloutMember> members) =>
        new(Enum.Parse<RolloutState>(State), Batch, Soaked, Failure, new DateTimeOffset(SteppedAt, TimeSpan.Zero), members);

    public RolloutResponse ToResponse(IReadOnlyList<RolloutCount> counts, IReadOnlyList<RolloutEvent> timeline) => new(
        Id,
        Profile,
        Version,
        Counter,
        JsonSerializer.Deserialize(Selector, ContractsJson.Default.DictionaryStringString)!,
        Enum.Parse<RolloutState>(State),
        Batch,
        [.. counts.GroupBy(c => c.Batch, c => c.Agents).OrderBy(b => b.Key).Select(b => b.Sum())],
        counts.GroupBy(c => Enum.Parse<RolloutAgentState>(c.State), c => c.Agents).ToDictionary(s => s.Key, s => s.Sum()),
        SoakSeconds,
        (int)Soaked.TotalSeconds,
        Failure,
        Reason,
        BreakGlass,
        Gate,
        StartedBy,
        new DateTimeOffset(StartedAt, TimeSpan.Zero),
        FinishedAt is { } finished ? new DateTimeOffset(finished, TimeSpan.Zero) : null,
        timeline);
}

/// <summary>How many agents of a batch are in a state.</summary>
internal sealed record RolloutCount(string RolloutId, int Batch, string State, int Agents);
