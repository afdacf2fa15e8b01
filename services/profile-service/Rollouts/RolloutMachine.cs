using StellaOps.Telemetry.Contracts.Rollouts;

namespace StellaOps.Telemetry.ProfileService.Rollouts;

/// <summary>
/// The state machine of a rollout: from how far it is and what its agents report to how far it is next. It reads no clock and touches no storage.
/// <code>
/// Pending -> Running -(all of the batch applied)-> Soaking -(soaked)-> Running (next batch) or Completed
///               |  \-- an agent refuses or falls ill, or one of the canary is silent --> RollingBack -> RolledBack or Failed
///               \----- an agent of a later batch is silent ------------------------> Paused -(resume)-> Running, without that agent
/// </code>
/// </summary>
internal static class RolloutMachine
{
    /// <summary>The most that one look adds to any clock: what lies between two looks further apart was not watched.</summary>
    public static readonly TimeSpan MaxGap = TimeSpan.FromSeconds(2);

    /// <summary>A new rollout over agents in the order of their batches.</summary>
    public static RolloutProgress Start(IReadOnlyList<string> agents, IReadOnlyList<int> sizes, DateTimeOffset now)
    {
        var members = sizes.SelectMany((size, batch) => Enumerable.Repeat(batch + 1, size)).Zip(agents, (batch, uid) => new RolloutMember(uid, batch));
        return new RolloutProgress(RolloutState.Pending, 0, TimeSpan.Zero, null, now, [.. members]);
    }

    /// <summary>One look.</summary>
    /// <param name="reports">By uid; an agent that is not in it was not heard of.</param>
    public static RolloutStep Look(RolloutPlan plan, RolloutProgress progress, IReadOnlyDictionary<string, AgentReport> reports, DateTimeOffset now)
    {
        if (progress.IsFinal)
        {
            return RolloutStep.Of(progress);
        }

        var gap = now - progress.SteppedAt;
        gap = gap < TimeSpan.Zero ? TimeSpan.Zero : gap > MaxGap ? MaxGap : gap;
        var isPaused = progress.State == RolloutState.Paused;
        var judge = new MemberJudge(plan, reports, isPaused ? TimeSpan.Zero : gap, now);
        var looked = progress with { SteppedAt = now, Members = [.. progress.Members.Select(judge.Judge)] };
        return progress.State switch
        {
            RolloutState.Pending => Offer(looked, reports, now),
            RolloutState.Paused => RolloutStep.Of(looked),
            RolloutState.RollingBack => RolloutStep.Of(Settle(plan, looked)),
            _ => Advance(plan, looked, reports, progress.State == RolloutState.Soaking ? gap : TimeSpan.Zero, now),
        };
    }

    /// <summary>Offers nothing more; null where there is nothing to pause.</summary>
    public static RolloutProgress? Pause(RolloutProgress progress, string? why) =>
        progress.State is RolloutState.Pending or RolloutState.Running or RolloutState.Soaking ? progress with { State = RolloutState.Paused, Failure = why } : null;

    /// <summary>Goes on where it was paused; agents that were silent for too long no longer count. Null where it is not paused.</summary>
    public static RolloutProgress? Resume(RolloutPlan plan, RolloutProgress progress) => progress.State != RolloutState.Paused
        ? null
        : progress with
        {
            State = progress.Batch == 0 ? RolloutState.Pending : RolloutState.Running,
            Failure = null,
            Members = [.. progress.Members.Select(m => m.State is RolloutAgentState.Offered or RolloutAgentState.Applied && m.Silent > plan.ApplyWithin
                ? m with { State = RolloutAgentState.PassedOver }
                : m)],
        };

    /// <summary>Whether it can be taken back: whatever is not on its way back or there already.</summary>
    public static bool CanRollBack(RolloutProgress progress) => progress.State is not (RolloutState.RollingBack or RolloutState.RolledBack or RolloutState.Failed);

    /// <summary>Takes every touched agent back.</summary>
    /// <param name="reverts">The deployment that takes an agent back; null: there is none, and it keeps what it has.</param>
    public static RolloutProgress RollBack(RolloutProgress progress, string failure, Func<RolloutMember, long?> reverts, DateTimeOffset now) => progress with
    {
        State = RolloutState.RollingBack,
        Failure = failure,
        SteppedAt = now,
        Members =
        [
            .. progress.Members.Select(m => !m.IsTouched ? m
                : reverts(m) is { } revert ? m with { State = RolloutAgentState.Reverting, Revert = revert, Silent = TimeSpan.Zero, SettledAt = null }
                : m with { State = RolloutAgentState.Kept, SettledAt = now }),
        ],
    };

    private static RolloutStep Advance(
        RolloutPlan plan, RolloutProgress progress, IReadOnlyDictionary<string, AgentReport> reports, TimeSpan soaked, DateTimeOffset now)
    {
        if (progress.Members.FirstOrDefault(m => m.State == RolloutAgentState.Failed) is { } failed)
        {
            return new RolloutStep(progress with { Failure = $"agent {failed.Uid}: {failed.Error}" }, [], RollBack: true);
        }

        if (progress.Members.FirstOrDefault(m => m.State is RolloutAgentState.Offered or RolloutAgentState.Applied && m.Silent > plan.ApplyWithin) is { } silent)
        {
            var why = $"agent {silent.Uid}: {(silent.State == RolloutAgentState.Offered ? "has not said that it applied this" : "is no longer heard of")} within {plan.ApplyWithin.TotalSeconds:0} s";
            return progress.Batch == 1
                ? new RolloutStep(progress with { Failure = why }, [], RollBack: true)
                : RolloutStep.Of(progress with { State = RolloutState.Paused, Failure = why });
        }

        if (!progress.Members.All(m => m.State is RolloutAgentState.Waiting or RolloutAgentState.PassedOver || (m.State == RolloutAgentState.Applied && IsGood(m))))
        {
            return RolloutStep.Of(progress with { State = RolloutState.Running });
        }

        var next = progress with { State = RolloutState.Soaking, Soaked = progress.Soaked + soaked };
        if (next.Soaked < plan.Soak)
        {
            return RolloutStep.Of(next);
        }

        return next.Batch < next.Batches ? Offer(next, reports, now) : RolloutStep.Of(next with { State = RolloutState.Completed });
    }

    private static bool IsGood(RolloutMember member) => member.Silent == TimeSpan.Zero && member.Unhealthy == TimeSpan.Zero;

    private static RolloutStep Offer(RolloutProgress progress, IReadOnlyDictionary<string, AgentReport> reports, DateTimeOffset now)
    {
        var batch = progress.Batch + 1;
        var next = progress with
        {
            State = RolloutState.Running,
            Batch = batch,
            Soaked = TimeSpan.Zero,
            Members = [.. progress.Members.Select(m => m.Batch == batch ? Offered(m, reports.GetValueOrDefault(m.Uid), now) : m)],
        };
        return new RolloutStep(next, [.. next.Members.Where(m => m.Batch == batch).Select(m => m.Uid)], RollBack: false);
    }

    private static RolloutMember Offered(RolloutMember member, AgentReport? report, DateTimeOffset now) => member with
    {
        State = RolloutAgentState.Offered,
        Before = report?.Running,
        Baseline = report?.Health?.Metrics ?? RolloutMember.NoMetrics,
        OfferedAt = now,
    };

    private static RolloutProgress Settle(RolloutPlan plan, RolloutProgress progress)
    {
        var reverting = progress.Members.Where(m => m.State == RolloutAgentState.Reverting).ToList();
        if (reverting.Any(m => m.Silent <= plan.ApplyWithin))
        {
            return progress;
        }

        var lost = progress.Members.FirstOrDefault(m => m.State == RolloutAgentState.Failed) is { } failed ? $"agent {failed.Uid}: {failed.Error}"
            : reverting.FirstOrDefault() is { } silent ? $"agent {silent.Uid}: has not said that it went back within {plan.ApplyWithin.TotalSeconds:0} s"
            : null;
        return lost is null
            ? progress with { State = RolloutState.RolledBack }
            : progress with { State = RolloutState.Failed, Failure = $"{progress.Failure}; not taken back: {lost}" };
    }
}
