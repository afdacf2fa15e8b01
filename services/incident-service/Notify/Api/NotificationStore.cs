using System.Globalization;
using Dapper;
using Npgsql;
using StellaOps.Telemetry.Contracts.Audit;
using StellaOps.Telemetry.Contracts.Notifications;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.IncidentService.Notify.Outbox;
using StellaOps.Telemetry.ServiceDefaults.Audit;

namespace StellaOps.Telemetry.IncidentService.Notify.Api;

/// <summary>Deliveries as people see them.</summary>
internal sealed class NotificationStore(NpgsqlDataSource dataSource, AuditLog audit, TimeProvider time)
{
    private const string Select =
        """
        SELECT d.number AS Number, e.id AS EventId, e.name AS Event, d.incident_id AS Incident, d.tenant AS Tenant, d.target AS Target, d.kind AS Kind, d.state AS State,
            d.attempts AS Attempts, d.created_at AS CreatedAt, d.due_at AS DueAt, d.ended_at AS EndedAt, d.reason AS Reason
        FROM incident.notify_deliveries d JOIN incident.notify_events e ON e.number = d.event_number
        """;

    /// <summary>Newest first.</summary>
    /// <param name="before">The cursor: only those with a lower number.</param>
    public async Task<Page<NotificationResponse>> ListAsync(
        TenantId? tenant, string? incident, string? target, NotificationState? state, long? before, int limit, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var rows = (await connection.QueryAsync<Row>(new CommandDefinition(
            $"""
            {Select}
            WHERE (@Tenant::text IS NULL OR d.tenant = @Tenant) AND (@Incident::text IS NULL OR d.incident_id = @Incident) AND (@Target::text IS NULL OR d.target = @Target)
                AND (@State::text IS NULL OR d.state = @State) AND (@Before::bigint IS NULL OR d.number < @Before)
            ORDER BY d.number DESC LIMIT @Limit
            """,
            new { Tenant = tenant?.Value, Incident = incident, Target = target, State = state?.ToString(), Before = before, Limit = limit + 1 },
            cancellationToken: cancellationToken))).ToList();
        var shown = rows.Take(limit).Select(r => r.ToResponse()).ToList();
        return new Page<NotificationResponse>(shown, rows.Count > limit ? shown[^1].Id.ToString(CultureInfo.InvariantCulture) : null);
    }

    public async Task<NotificationResponse?> FindAsync(long id, Func<TenantId, bool> mayAccess, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        return await FindAsync(connection, null, id, cancellationToken) is { } found && mayAccess(found.Tenant) ? found : null;
    }

    /// <summary>Makes a dead letter pending again; leaves what is none as it is. Null when there is none, or it is another tenant's.</summary>
    public async Task<NotificationResponse?> ResendAsync(long id, Func<TenantId, bool> mayAccess, string actor, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await connection.ExecuteAsync(new CommandDefinition(
            "SELECT 1 FROM incident.notify_deliveries WHERE number = @id FOR UPDATE", new { id }, transaction, cancellationToken: cancellationToken));
        if (await FindAsync(connection, transaction, id, cancellationToken) is not { } found || !mayAccess(found.Tenant))
        {
            return null;
        }

        if (found.State != NotificationState.Dead)
        {
            return found;
        }

        await connection.ExecuteAsync(new CommandDefinition(
            $"""
            UPDATE incident.notify_deliveries SET state = 'Pending', attempts = 0, tried_since = @now, due_at = @now, ended_at = NULL WHERE number = @id;
            SELECT pg_notify('{NotifyOutbox.Channel}', '');
            """,
            new { id, now = time.GetUtcNow() },
            transaction,
            cancellationToken: cancellationToken));
        var resent = await FindAsync(connection, transaction, id, cancellationToken);
        await audit.AppendAsync(
            transaction, new AuditEntry(actor, "notification.resend", found.Tenant.Value, found.Incident, AuditText.Of(("event", found.EventId), ("target", found.Target))), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return resent;
    }

    private static async Task<NotificationResponse?> FindAsync(NpgsqlConnection connection, NpgsqlTransaction? transaction, long id, CancellationToken cancellationToken) =>
        (await connection.QuerySingleOrDefaultAsync<Row>(new CommandDefinition($"{Select} WHERE d.number = @id", new { id }, transaction, cancellationToken: cancellationToken)))?.ToResponse();

    private sealed class Row
    {
        public required long Number { get; init; }

        public required string EventId { get; init; }

        public required string Event { get; init; }

        public required string Incident { get; init; }

        public required string Tenant { get; init; }

        public required string Target { get; init; }

        public required string Kind { get; init; }

        public required string State { get; init; }

        public required int Attempts { get; init; }

        public required DateTime CreatedAt { get; init; }

        public required DateTime DueAt { get; init; }

        public DateTime? EndedAt { get; init; }

        public string? Reason { get; init; }

        public NotificationResponse ToResponse()
        {
            var state = Enum.Parse<NotificationState>(State);
            return new NotificationResponse(
                Number, EventId, Event, Incident, TenantId.Parse(Tenant), Target, Kind, state, Attempts, Utc(CreatedAt), state == NotificationState.Pending ? Utc(DueAt) : null,
                EndedAt is { } ended ? Utc(ended) : null, Reason);
        }

        private static DateTimeOffset Utc(DateTime time) => new(time, TimeSpan.Zero);
    }
}
