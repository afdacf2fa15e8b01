using Npgsql;
using StellaOps.Telemetry.Contracts.Rollouts;

namespace StellaOps.Telemetry.ProfileService.Rollouts;

/// <summary>What people do to a rollout under way.</summary>
internal sealed class RolloutControl(NpgsqlDataSource dataSource, RolloutTables tables, RolloutReverter reverter)
{
    public Task<ControlOutcome> PauseAsync(string id, string actor, string? reason, CancellationToken cancellationToken) =>
        ChangeAsync(id, actor, "pause", reason, (_, _, progress) => Task.FromResult(RolloutMachine.Pause(progress, null)), cancellationToken);

    public Task<ControlOutcome> ResumeAsync(string id, string actor, string? reason, CancellationToken cancellationToken) =>
        ChangeAsync(id, actor, "resume", reason, (_, row, progress) => Task.FromResult(RolloutMachine.Resume(row.ToPlan(), progress)), cancellationToken);

    public Task<ControlOutcome> RollBackAsync(string id, string actor, string? reason, CancellationToken cancellationToken) => ChangeAsync(
        id,
        actor,
        "roll-back",
        reason,
        async (transaction, row, progress) => RolloutMachine.CanRollBack(progress)
            ? (await reverter.RollBackAsync(transaction, row, progress, reason ?? $"rolled back by {actor}", cancellationToken)).Next
            : null,
        cancellationToken);

    private async Task<ControlOutcome> ChangeAsync(
        string id, string actor, string action, string? detail, Func<NpgsqlTransaction, RolloutRow, RolloutProgress, Task<RolloutProgress?>> step, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await RolloutTables.LockAsync(transaction, id, cancellationToken) is not var (row, before))
        {
            return new ControlOutcome(IsFound: false, null);
        }

        if (await step(transaction, row, before) is not { } next)
        {
            return new ControlOutcome(IsFound: true, before.State);
        }

        await RolloutTables.SaveAsync(transaction, id, before, next, cancellationToken);
        await tables.RecordAsync(transaction, row, actor, action, detail, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new ControlOutcome(IsFound: true, null);
    }
}

/// <summary>What became of it.</summary>
/// <param name="Hindrance">The state that does not allow it; null: done.</param>
internal sealed record ControlOutcome(bool IsFound, RolloutState? Hindrance);
