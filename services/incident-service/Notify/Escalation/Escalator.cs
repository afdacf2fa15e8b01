using Dapper;
using Npgsql;
using StellaOps.Telemetry.Contracts.Incidents;
using StellaOps.Telemetry.Contracts.Notifications;
using StellaOps.Telemetry.IncidentService.Incidents;
using StellaOps.Telemetry.IncidentService.Notify.Outbox;
using StellaOps.Telemetry.IncidentService.Notify.Targets;
using StellaOps.Telemetry.Profiles.Notifying;
using StellaOps.Telemetry.ServiceDefaults.Audit;

namespace StellaOps.Telemetry.IncidentService.Notify.Escalation;

/// <summary>
/// Tells others of an incident that a target was told of, that is still active, and that nobody acknowledged in the target's time. Once for an
/// incident and target: the event's id says so. The time runs from the event that the target was told of, be it the start or an escalation.
/// </summary>
internal sealed partial class Escalator(NpgsqlDataSource dataSource, AuditLog audit, NotifyInstruments instruments, TimeProvider time, ILogger<Escalator> logger)
{
    private const int Batch = 100;

    private const string NotYet =
        """
        NOT EXISTS (SELECT 1 FROM incident.notify_acknowledgements a WHERE a.incident_id = i.id)
            AND NOT EXISTS (SELECT 1 FROM incident.notify_events x WHERE x.id = i.id || '-escalate-' || @Name)
        """;

    public async Task RunAsync(NotifyTargets targets, CancellationToken cancellationToken)
    {
        foreach (var target in targets.All.Where(t => t.Escalation is not null))
        {
            await RunAsync(target, target.Escalation!, cancellationToken);
        }
    }

    private async Task RunAsync(NotifyTarget target, NotifyEscalation escalation, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var due = await connection.QueryAsync<string>(new CommandDefinition(
            $"""
            SELECT DISTINCT i.id FROM incident.notify_deliveries d
            JOIN incident.notify_events e ON e.number = d.event_number
            JOIN incident.incidents i ON i.id = d.incident_id
            WHERE d.target = @Name AND e.name = ANY (@begins) AND e.at <= @before AND i.state = 'Active' AND i.severity = ANY (@severities) AND {NotYet}
            ORDER BY i.id LIMIT {Batch}
            """,
            new
            {
                target.Name,
                begins = new[] { KnownNotifications.Started, KnownNotifications.Escalated },
                before = now - escalation.After,
                severities = Enum.GetValues<IncidentSeverity>().Where(s => s >= escalation.MinimumSeverity).Select(s => s.ToString()).ToArray(),
            },
            cancellationToken: cancellationToken));
        foreach (var id in due)
        {
            await EscalateAsync(connection, id, target, escalation, now, cancellationToken);
        }
    }

    private async Task EscalateAsync(NpgsqlConnection connection, string id, NotifyTarget target, NotifyEscalation escalation, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);

        // Judged again under the incident's lock: meanwhile somebody may have acknowledged or stopped it, or another replica may have been faster.
        var tenant = await connection.QueryFirstOrDefaultAsync<string>(new CommandDefinition(
            "SELECT tenant FROM incident.incidents WHERE id = @id AND state = 'Active' FOR UPDATE SKIP LOCKED", new { id }, transaction, cancellationToken: cancellationToken));
        if (tenant is null || !await connection.ExecuteScalarAsync<bool>(new CommandDefinition(
            $"SELECT {NotYet} FROM incident.incidents i WHERE i.id = @id", new { id, target.Name }, transaction, cancellationToken: cancellationToken)))
        {
            return;
        }

        var detail = $"nobody acknowledged what {target.Name} was told; told {string.Join(", ", escalation.To)}";
        var step = new IncidentEvent(now, IncidentStore.SystemActor, "escalate", detail);
        await NotifyOutbox.AppendToLastAsync(transaction, id, $"{id}-escalate-{target.Name}", KnownNotifications.Escalated, step, [.. escalation.To], cancellationToken);
        await Timeline.AppendAsync(transaction, id, step, cancellationToken);
        await audit.AppendAsync(transaction, new AuditEntry(step.Actor, "incident.escalate", tenant, id, AuditText.Of(("reason", detail))), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        instruments.OnEscalated();
        Log.Escalated(logger, id, target.Name, string.Join(", ", escalation.To));
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.NotifyEscalated, LogLevel.Warning, "Incident {Id}: nobody acknowledged what {Target} was told; telling {Others}")]
        public static partial void Escalated(ILogger logger, string id, string target, string others);
    }
}
