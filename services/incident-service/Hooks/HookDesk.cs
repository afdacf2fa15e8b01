using Dapper;
using Npgsql;
using StellaOps.Telemetry.IncidentService.Hooks.Orchestrator;
using StellaOps.Telemetry.IncidentService.Incidents;
using StellaOps.Telemetry.IncidentService.Site;

namespace StellaOps.Telemetry.IncidentService.Hooks;

/// <summary>
/// Does what a step says: 1. nobody else, on any replica, works on the same correlation meanwhile; 2. the incident starts, is extended or
/// stops; 3. what is remembered of alerts and messages is committed. Killed between 2 and 3, the sender has no answer and sends it again, and
/// each of these is the same when it is done twice.
/// </summary>
internal sealed class HookDesk(NpgsqlDataSource dataSource, IncidentStore incidents, SiteTerms site, TimeProvider time) : IDisposable
{
    // A step holds one connection and needs another: without a bound the last ones would wait for each other.
    private const int MaxAtOnce = 8;

    /// <summary>While so much of its time is left, an alert that is heard of again changes nothing: a sender repeats what it has no answer to.</summary>
    private const double FreshShare = 0.9;

    private readonly SemaphoreSlim _room = new(MaxAtOnce, MaxAtOnce);

    /// <param name="message">What is to be taken once; null: that does not matter.</param>
    public async Task<HookResult> ApplyAsync(HookStep step, SignedMessage? message, CancellationToken cancellationToken)
    {
        await _room.WaitAsync(cancellationToken);
        try
        {
            await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            if (message is not null && await HookMessageTable.TakeAsync(transaction, message, time.GetUtcNow(), cancellationToken) is { } taken)
            {
                return new HookResult(taken, null);
            }

            await connection.ExecuteAsync(new CommandDefinition(
                "SELECT pg_advisory_xact_lock(hashtext('incident.hooks'), hashtext(@key))",
                new { key = $"{step.Tenant} {step.Correlation}" },
                transaction,
                cancellationToken: cancellationToken));
            var known = await incidents.FindOpenAsync(step.Tenant, step.Correlation, cancellationToken);
            var result = step.Request is null
                ? await EndAsync(transaction, step, known, cancellationToken)
                : await FireAsync(transaction, step, known, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return result;
        }
        finally
        {
            _room.Release();
        }
    }

    public void Dispose() => _room.Dispose();

    private async Task<HookResult> FireAsync(NpgsqlTransaction transaction, HookStep step, Incident? known, CancellationToken cancellationToken)
    {
        if (known is not null)
        {
            await HookAlertTable.RemoveAsync(transaction, known.Id, step.Resolved, cancellationToken);
            if (await IsHeardAsync(transaction, step, known, cancellationToken))
            {
                return new HookResult(HookOutcome.Unchanged, known);
            }
        }

        var incident = (await incidents.StartAsync(step.Request!, step.Origin, step.Actor, idempotencyKey: null, cancellationToken)).Incident!;
        if (incident.Id != known?.Id)
        {
            await HookAlertTable.ForgetEndedAsync(transaction, cancellationToken);
        }

        // After the start, not before: a line of the table holds its incident, and the start would wait for it.
        await HookAlertTable.AddAsync(transaction, incident.Id, step.Firing, cancellationToken);
        return new HookResult(incident.Id != known?.Id ? HookOutcome.Opened : incident.Version == known.Version ? HookOutcome.Unchanged : HookOutcome.Extended, incident);
    }

    /// <summary>Ends it when no alert is left that fires.</summary>
    private async Task<HookResult> EndAsync(NpgsqlTransaction transaction, HookStep step, Incident? known, CancellationToken cancellationToken)
    {
        if (known is null)
        {
            return new HookResult(HookOutcome.Unchanged, null);
        }

        await HookAlertTable.RemoveAsync(transaction, known.Id, step.Resolved, cancellationToken);
        if ((await HookAlertTable.ReadAsync(transaction, known.Id, cancellationToken)).Count > 0)
        {
            return new HookResult(HookOutcome.Unchanged, known);
        }

        var (outcome, stopped) = await incidents.ChangeAsync(
            known.Id, tenant => tenant == step.Tenant, ifVersion: null, step.Actor, "resolve", step.Reason, (incident, now) => IncidentMachine.Stop(incident, skipCooldown: false, now), cancellationToken);
        return new HookResult(outcome == ChangeOutcome.Done && stopped!.Version != known.Version ? HookOutcome.Resolved : HookOutcome.Unchanged, stopped ?? known);
    }

    /// <summary>Whether every alert was heard of in this very firing, lately, and the incident is still active.</summary>
    private async Task<bool> IsHeardAsync(NpgsqlTransaction transaction, HookStep step, Incident known, CancellationToken cancellationToken)
    {
        var left = known.ActiveUntil - time.GetUtcNow();
        if (step.Firing.Count == 0 || known.EndedAt is not null || left < FreshShare * TimeSpan.FromSeconds(site.TtlOf(step.Request!.TtlSeconds, known.CooldownSeconds)))
        {
            return false;
        }

        var heard = await HookAlertTable.ReadAsync(transaction, known.Id, cancellationToken);
        return step.Firing.All(heard.Contains);
    }
}
