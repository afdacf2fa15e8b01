using System.Globalization;
using System.Text.Json;
using Spectre.Console;
using StellaOps.Telemetry.Cli.Output;
using StellaOps.Telemetry.Contracts.Audit;
using StellaOps.Telemetry.Contracts.Rollouts;

namespace StellaOps.Telemetry.Cli.Commands.Rollouts;

/// <summary>Rollouts as people read them.</summary>
internal static class RolloutTables
{
    public static Table Of(params IEnumerable<RolloutResponse> rollouts)
    {
        var table = OutputWriter.NewTable("ROLLOUT", "PROFILE", "STATE", "BATCH", "AGENTS", "STARTED", "BY", "FAILURE");
        foreach (var rollout in rollouts)
        {
            table.AddRow(
                rollout.Id,
                Markup.Escape($"{rollout.Profile}@{rollout.Version.ToString(CultureInfo.InvariantCulture)}"),
                Name(rollout.State),
                $"{rollout.Batch} of {rollout.BatchSizes.Count}",
                AgentsOf(rollout),
                OutputWriter.Time(rollout.StartedAt),
                Markup.Escape(rollout.StartedBy),
                Markup.Escape(rollout.Failure ?? "-"));
        }

        return table;
    }

    /// <summary>What its agents must keep to.</summary>
    public static Table Gate(RolloutResponse rollout) => OutputWriter.NewTable("UNHEALTHY FOR", "EXPORT FAILURES", "REFUSALS", "QUEUE AGE").AddRow(
        $"at most {Number(rollout.Gate.UnhealthySeconds)} s",
        $"at most {Number(rollout.Gate.ExportFailures)}",
        $"at most {Number(rollout.Gate.Refusals)}",
        $"at most {Number(rollout.Gate.QueueSeconds)} s");

    public static Table Timeline(RolloutResponse rollout)
    {
        var table = OutputWriter.NewTable("AT", "WHO", "WHAT", "DETAIL");
        foreach (var step in rollout.Timeline)
        {
            table.AddRow(OutputWriter.Time(step.At), Markup.Escape(step.Actor), Markup.Escape(step.Action), Markup.Escape(step.Detail ?? "-"));
        }

        return table;
    }

    public static Table Agents(Page<RolloutAgentResponse> agents)
    {
        var table = OutputWriter.NewTable("AGENT", "KIND", "BATCH", "STATE", "BEFORE", "ERROR");
        foreach (var agent in agents.Items)
        {
            table.AddRow(
                agent.Uid,
                Markup.Escape(agent.Kind),
                agent.Batch.ToString(CultureInfo.InvariantCulture),
                Name(agent.State),
                Markup.Escape(agent.Before ?? "-"),
                Markup.Escape(agent.Error ?? "-"));
        }

        return table;
    }

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>How many agents stand where: <c>3 applied, 1 offered</c>.</summary>
    public static string AgentsOf(RolloutResponse rollout) => string.Join(", ", rollout.Agents.OrderBy(a => a.Key).Select(a => $"{a.Value} {Name(a.Key)}"));

    public static string Name<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());
}
