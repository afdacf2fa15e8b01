using Dapper;
using Npgsql;
using StellaOps.Telemetry.Contracts.Incidents;
using StellaOps.Telemetry.Contracts.Notifications;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.IncidentService.Incidents;
using StellaOps.Telemetry.IncidentService.Notify.Outbox;
using StellaOps.Telemetry.ServiceDefaults.Audit;

namespace StellaOps.Telemetry.IncidentService.Notify.Escalation;

/// <summary>Who looks after an incident. The first acknowledgement counts; it makes no new version, since gateways need not know.</summary>
internal sealed class AcknowledgementStore(NpgsqlDataSource dataSource, AuditLog audit, TimeProvider time)
{
    private static readonly IncidentState[] s_open = [IncidentState.Requested, IncidentState.Active, IncidentState.CoolingDown];

    public async Task<ChangeOutcome> AcknowledgeAsync(string id, Func<TenantId, bool> mayAccess, string actor, string? reason, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var (tenant, state, version) = await connection.QueryFirstOrDefaultAsync<(string?, string, long)>(new CommandDefinition(
            "SELECT tenant, state, version FROM incident.incidents WHERE id = @id FOR UPDATE", new { id }, transaction, cancellationToken: cancellationToken));
        if (tenant is null || !mayAccess(TenantId.Parse(tenant)))
        {
            return ChangeOutcome.NotFound;
        }

        var now = Microseconds(time.GetUtcNow());
        if (await connection.ExecuteScalarAsync<bool>(new CommandDefinition(
            "SELECT EXISTS (SELECT 1 FROM incident.notify_acknowledgements WHERE incident_id = @id)", new { id }, transaction, cancellationToken: cancellationToken)))
        {
            return ChangeOutcome.Done;
        }

        if (!s_open.Contains(Enum.Parse<IncidentState>(state)))
        {
            return ChangeOutcome.WrongState;
        }

        await connection.ExecuteAsync(new CommandDefinition(
            "INSERT INTO incident.notify_acknowledgements (incident_id, at, actor) VALUES (@id, @now, @actor)", new { id, now, actor }, transaction, cancellationToken: cancellationToken));
        var step = new IncidentEvent(now, actor, "acknowledge", reason);
        await NotifyOutbox.AppendToLastAsync(
            transaction, id, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{id}-{version}-acknowledge"), KnownNotifications.Acknowledged, step, null, cancellationToken);
        await Timeline.AppendAsync(transaction, id, step, cancellationToken);
        await audit.AppendAsync(transaction, new AuditEntry(actor, "incident.acknowledge", tenant, id, AuditText.Of(("reason", reason))), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return ChangeOutcome.Done;
    }

    /// <summary>As PostgreSQL keeps it.</summary>
    private static DateTimeOffset Microseconds(DateTimeOffset time) => new(time.Ticks - (time.Ticks % TimeSpan.TicksPerMicrosecond), TimeSpan.Zero);
}
