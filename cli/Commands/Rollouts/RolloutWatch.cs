using Spectre.Console;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts.Rollouts;

namespace StellaOps.Telemetry.Cli.Commands.Rollouts;

/// <summary>Follows a rollout until it ends or waits for somebody. Leaving it changes nothing: the service goes on.</summary>
internal sealed class RolloutWatch(CommandContext context, ProfileClient client)
{
    private static readonly TimeSpan s_poll = TimeSpan.FromMilliseconds(500);

    /// <summary>The rollout at its end, and the exit code that says what that was.</summary>
    public async Task<int> FollowAsync(RolloutResponse rollout, CancellationToken cancellationToken)
    {
        try
        {
            rollout = context.Host.IsInteractive ? await ShowBarsAsync(rollout, cancellationToken) : await SayLinesAsync(rollout, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            context.Output.Note($"the rollout goes on; come back with: stella telemetry rollout watch {rollout.Id}");
            throw;
        }

        context.Output.Print(rollout, Contracts.ContractsJson.Default.RolloutResponse, r => RolloutTables.Of(r));
        if (rollout.State == RolloutState.Completed)
        {
            return CliExitCodes.Done;
        }

        context.Output.Note($"error: {rollout.Failure ?? $"paused by {rollout.Timeline.LastOrDefault()?.Actor}"}");
        context.Output.Note(rollout.State == RolloutState.Paused
            ? $"  fix: go on without those agents (stella telemetry rollout resume {rollout.Id}), or take it back (stella telemetry rollout rollback {rollout.Id})"
            : $"  fix: see what each agent said: stella telemetry rollout show {rollout.Id}");
        return CliExitCodes.Failed;
    }

    private async Task<RolloutResponse> ShowBarsAsync(RolloutResponse rollout, CancellationToken cancellationToken)
    {
        var console = context.Host.ErrorConsole();
        return await console.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new SpinnerColumn())
            .StartAsync(async progress =>
            {
                var agents = progress.AddTask("agents", maxValue: rollout.BatchSizes.Sum());
                var soak = progress.AddTask("soak", maxValue: Math.Max(1, rollout.SoakSeconds));
                return await PollAsync(
                    rollout,
                    r =>
                    {
                        agents.Description = Markup.Escape($"{RolloutTables.Name(r.State)}, batch {r.Batch} of {r.BatchSizes.Count}: {RolloutTables.AgentsOf(r)}");
                        agents.Value = r.Agents.Where(a => a.Key is RolloutAgentState.Applied or RolloutAgentState.PassedOver).Sum(a => a.Value);
                        soak.Value = r.SoakSeconds == 0 ? 1 : r.SoakedSeconds;
                    },
                    cancellationToken);
            });
    }

    private async Task<RolloutResponse> SayLinesAsync(RolloutResponse rollout, CancellationToken cancellationToken)
    {
        var said = "";
        return await PollAsync(
            rollout,
            r =>
            {
                var line = $"{r.Id}: {RolloutTables.Name(r.State)}, batch {r.Batch} of {r.BatchSizes.Count}: {RolloutTables.AgentsOf(r)}";
                if (line != said)
                {
                    said = line;
                    context.Output.Note(line);
                }
            },
            cancellationToken);
    }

    private async Task<RolloutResponse> PollAsync(RolloutResponse rollout, Action<RolloutResponse> show, CancellationToken cancellationToken)
    {
        show(rollout);
        while (rollout.State is RolloutState.Pending or RolloutState.Running or RolloutState.Soaking or RolloutState.RollingBack)
        {
            await Task.Delay(s_poll, context.Host.Time, cancellationToken);
            rollout = await AskAsync(rollout, cancellationToken);
            show(rollout);
        }

        return rollout;
    }

    /// <summary>A service that is away for a while does not end the watch: the rollout goes on when it is back.</summary>
    private async Task<RolloutResponse> AskAsync(RolloutResponse last, CancellationToken cancellationToken)
    {
        try
        {
            return await client.GetRolloutAsync(last.Id, cancellationToken);
        }
        catch (Exception e) when (e is HttpRequestException or ApiException { Status: System.Net.HttpStatusCode.ServiceUnavailable })
        {
            return last;
        }
    }
}
