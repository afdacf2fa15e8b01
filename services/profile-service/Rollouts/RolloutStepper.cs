using Npgsql;
using StellaOps.Telemetry.Contracts.Rollouts;
using StellaOps.Telemetry.ProfileService.Agents;
using StellaOps.Telemetry.ProfileService.Deployments;
using StellaOps.Telemetry.ProfileService.Versions;

namespace StellaOps.Telemetry.ProfileService.Rollouts;

/// <summary>Moves one rollout on: what the machine says, what agents should run, the timeline and the audit trail, all in one transaction.</summary>
internal sealed partial class RolloutStepper(RolloutTables tables, RolloutReverter reverter, DeploymentCatalog catalog, ILogger<RolloutStepper> logger)
{
    /// <param name="connection">The one that holds the driver's lock: when it dies, nothing is committed.</param>
    public async Task StepAsync(NpgsqlConnection connection, string id, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await RolloutTables.LockAsync(transaction, id, cancellationToken) is not var (row, before) || before.IsFinal)
        {
            return;
        }

        var reports = await tables.ReportsAsync(transaction, before.Members.Where(m => m.Batch <= before.Batch + 1).Select(m => m.Uid), cancellationToken);
        var step = RolloutMachine.Look(row.ToPlan(), before, reports, tables.Now());
        var next = step.Next;
        IReadOnlyList<string> notes = [];
        if (step.RollBack)
        {
            (next, notes) = await reverter.RollBackAsync(transaction, row, next, next.Failure!, cancellationToken);
        }
        else if (step.Offers.Count > 0)
        {
            next = await OfferAsync(transaction, row, before, step, cancellationToken);
        }

        await RolloutTables.SaveAsync(transaction, id, before, next, cancellationToken);
        if (Happened(before, next, notes) is var (action, detail))
        {
            await tables.RecordAsync(transaction, row, RolloutTables.SystemActor, action, detail, cancellationToken);
            Log.Moved(logger, id, row.Profile, row.Version, next.State, detail);
        }

        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>What the database no longer holds as it was signed is offered to nobody: the rollout waits for whoever can tell why.</summary>
    private async Task<RolloutProgress> OfferAsync(NpgsqlTransaction transaction, RolloutRow row, RolloutProgress before, RolloutStep step, CancellationToken cancellationToken)
    {
        try
        {
            await catalog.GetAsync(row.Counter, cancellationToken);
        }
        catch (StoredBytesException e)
        {
            Log.Blocked(logger, row.Id, e.Message);
            return RolloutMachine.Pause(before, e.Message)! with { SteppedAt = step.Next.SteppedAt };
        }

        await DesiredStore.WriteAsync(transaction, [.. step.Offers.Select(uid => (Guid.Parse(uid), (long?)row.Counter))], cancellationToken);
        return step.Next;
    }

    private static (string Action, string Detail)? Happened(RolloutProgress before, RolloutProgress next, IReadOnlyList<string> notes)
    {
        if (next.State != before.State)
        {
            switch (next.State)
            {
                case RolloutState.Paused:
                    return ("pause", next.Failure!);
                case RolloutState.RollingBack:
                    return ("roll-back", string.Join("; ", notes.Prepend(next.Failure!)));
                case RolloutState.RolledBack:
                    return ("rolled-back", $"{next.Members.Count(m => m.State == RolloutAgentState.Reverted)} agents run again what they ran before");
                case RolloutState.Completed:
                    return ("complete", $"{next.Members.Count(m => m.State == RolloutAgentState.Applied)} agents run it");
                case RolloutState.Failed:
                    return ("fail", next.Failure!);
            }
        }

        return next.Batch != before.Batch ? ("offer", $"batch {next.Batch} of {next.Batches}: {next.Members.Count(m => m.Batch == next.Batch)} agents") : null;
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.RolloutMoved, LogLevel.Information, "Rollout {Id} of {Profile}@{Version} is {State}: {Detail}")]
        public static partial void Moved(ILogger logger, string id, string profile, long version, RolloutState state, string detail);

        [LoggerMessage(EventIds.RolloutBlocked, LogLevel.Critical, "Rollout {Id} offers nothing: {Reason}")]
        public static partial void Blocked(ILogger logger, string id, string reason);
    }
}
