using Dapper;
using Npgsql;
using StellaOps.Telemetry.IncidentService.Incidents;
using StellaOps.Telemetry.ServiceDefaults.Audit;

namespace StellaOps.Telemetry.IncidentService.Evidence;

/// <summary>The tasks in PostgreSQL. What one made becomes a line of the incident's timeline, in the transaction that marks it as done.</summary>
internal sealed class EvidenceTaskStore(NpgsqlDataSource dataSource, AuditLog audit, TimeProvider time)
{
    private const int Batch = 20;

    /// <summary>Longer than a try may take.</summary>
    private static readonly TimeSpan s_lease = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan s_longestWait = TimeSpan.FromMinutes(1);

    /// <summary>Takes up what is due. A hold's end waits for the hold.</summary>
    public async Task<IReadOnlyList<EvidenceTask>> ClaimAsync(CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var now = time.GetUtcNow();
        return [.. await connection.QueryAsync<EvidenceTask>(new CommandDefinition(
            $"""
            UPDATE incident.evidence_tasks t SET next_try_at = @lease, tries = tries + 1
            FROM (
                SELECT incident_id, kind, number,
                    (SELECT made FROM incident.evidence_tasks h WHERE h.incident_id = d.incident_id AND h.kind = 'hold' AND h.done_at IS NOT NULL) AS hold
                FROM incident.evidence_tasks d
                WHERE done_at IS NULL AND next_try_at <= @now
                    AND (kind <> 'close-hold' OR EXISTS (SELECT 1 FROM incident.evidence_tasks h WHERE h.incident_id = d.incident_id AND h.kind = 'hold' AND h.done_at IS NOT NULL))
                ORDER BY next_try_at LIMIT {Batch} FOR UPDATE SKIP LOCKED) due
            WHERE t.incident_id = due.incident_id AND t.kind = due.kind AND t.number = due.number
            RETURNING t.incident_id AS IncidentId, t.kind AS Kind, t.number AS Number, t.due_at AS DueAt, t.tries AS Tries, due.hold AS HoldId
            """,
            new { now, lease = now + s_lease },
            cancellationToken: cancellationToken))];
    }

    /// <summary>It is done, or cannot be.</summary>
    public async Task FinishAsync(EvidenceTask task, Incident incident, string? made, string? failure, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var now = time.GetUtcNow();
        var done = await connection.ExecuteAsync(new CommandDefinition(
            "UPDATE incident.evidence_tasks SET done_at = @now, made = @made, failure = @failure WHERE incident_id = @IncidentId AND kind = @Kind AND number = @Number AND done_at IS NULL",
            new { task.IncidentId, task.Kind, task.Number, now, made, failure },
            transaction,
            cancellationToken: cancellationToken));
        if (done == 0)
        {
            return;
        }

        if (task.Kind == EvidenceTask.CaptureEvery)
        {
            await connection.ExecuteAsync(new CommandDefinition(
                $"""
                INSERT INTO incident.evidence_tasks (incident_id, kind, number, due_at, next_try_at)
                SELECT id, @Kind, @Next, @due, @due FROM incident.incidents WHERE id = @IncidentId AND state IN ({IncidentRow.OpenStates})
                ON CONFLICT DO NOTHING
                """,
                new { task.IncidentId, task.Kind, Next = task.Number + 1, due = Later(task.Due.AddSeconds(incident.Captures.EverySeconds!.Value), now) },
                transaction,
                cancellationToken: cancellationToken));
        }

        var action = failure is null ? task.Kind : task.Kind + "-failed";
        await connection.ExecuteAsync(new CommandDefinition(
            "INSERT INTO incident.events (incident_id, at, actor, action, detail) VALUES (@IncidentId, @now, @SystemActor, @action, @detail)",
            new { task.IncidentId, now, IncidentStore.SystemActor, action, detail = failure ?? made },
            transaction,
            cancellationToken: cancellationToken));
        await audit.AppendAsync(transaction, new AuditEntry(IncidentStore.SystemActor, $"incident.{action}", incident.Tenant.Value, incident.Id, null), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>It is tried again, later each time.</summary>
    public async Task PostponeAsync(EvidenceTask task, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var wait = TimeSpan.FromSeconds(Math.Min(s_longestWait.TotalSeconds, Math.Pow(2, Math.Min(task.Tries, 10) - 1)));
        await connection.ExecuteAsync(new CommandDefinition(
            "UPDATE incident.evidence_tasks SET next_try_at = @next WHERE incident_id = @IncidentId AND kind = @Kind AND number = @Number AND done_at IS NULL",
            new { task.IncidentId, task.Kind, task.Number, next = time.GetUtcNow() + wait },
            cancellationToken: cancellationToken));
    }

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;
}
