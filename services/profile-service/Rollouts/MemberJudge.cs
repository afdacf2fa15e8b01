using StellaOps.Telemetry.Contracts.Fleet;
using StellaOps.Telemetry.Contracts.Rollouts;

namespace StellaOps.Telemetry.ProfileService.Rollouts;

/// <summary>What one look makes of one agent.</summary>
/// <param name="gap">Time to add to the clocks of whoever is not where he should be.</param>
internal sealed class MemberJudge(RolloutPlan plan, IReadOnlyDictionary<string, AgentReport> reports, TimeSpan gap, DateTimeOffset now)
{
    // A look too soon after the last one adds next to nothing, and yet who is not where he should be must not pass for good.
    private readonly TimeSpan _gap = gap > TimeSpan.Zero ? gap : TimeSpan.FromTicks(1);

    public RolloutMember Judge(RolloutMember member) => member.State switch
    {
        RolloutAgentState.Offered or RolloutAgentState.Applied => Offered(member),
        RolloutAgentState.Reverting => Reverting(member),
        _ => member,
    };

    private RolloutMember Offered(RolloutMember member)
    {
        if (!reports.TryGetValue(member.Uid, out var report))
        {
            return member with { Silent = member.Silent + _gap };
        }

        if (report.Refused == plan.Counter)
        {
            return Failed(member, report.Error ?? "it refused and did not say why");
        }

        if (!report.Connected || report.Running != plan.Counter)
        {
            return member with { Silent = member.Silent + _gap };
        }

        var applied = member with { State = RolloutAgentState.Applied, Silent = TimeSpan.Zero, SettledAt = member.SettledAt ?? now };
        if (report.Health is not { } health)
        {
            return applied;
        }

        if (plan.Gate.FaultOf(member.Baseline, health.Metrics) is { } fault)
        {
            return Failed(applied, fault);
        }

        if (health.Healthy)
        {
            return applied with { Unhealthy = TimeSpan.Zero };
        }

        var unhealthy = applied.Unhealthy + _gap;
        return unhealthy > plan.Gate.UnhealthyFor ? Failed(applied, $"it is not healthy: {TroubleOf(health)}") : applied with { Unhealthy = unhealthy };
    }

    private RolloutMember Reverting(RolloutMember member)
    {
        if (!reports.TryGetValue(member.Uid, out var report))
        {
            return member with { Silent = member.Silent + _gap };
        }

        if (report.Refused == member.Revert)
        {
            return Failed(member, report.Error ?? "it refused to go back and did not say why");
        }

        return report.Running == member.Revert
            ? member with { State = RolloutAgentState.Reverted, Silent = TimeSpan.Zero, SettledAt = now }
            : member with { Silent = member.Silent + _gap };
    }

    private RolloutMember Failed(RolloutMember member, string error) => member with { State = RolloutAgentState.Failed, Error = error, SettledAt = now };

    private static string TroubleOf(AgentHealth health) =>
        string.Join("; ", ((string?[])[health.LastError, .. health.Troubles]).Where(t => !string.IsNullOrEmpty(t))) is { Length: > 0 } troubles ? troubles : "it does not say why";
}
