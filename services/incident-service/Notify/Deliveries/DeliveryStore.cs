using Dapper;
using Npgsql;
using StellaOps.Telemetry.IncidentService.Notify.Outbox;

namespace StellaOps.Telemetry.IncidentService.Notify.Deliveries;

/// <summary>
/// Deliveries in PostgreSQL. Replicas share them by leases: a delivery that somebody sends is left alone until the lease runs out, and of
/// those for one incident and target only the first that is pending may be claimed, so they arrive in order.
/// </summary>
internal sealed class DeliveryStore(NpgsqlDataSource dataSource, TimeProvider time)
{
    /// <summary>Targets for which something is due now, whoever sends it.</summary>
    public async Task<IReadOnlyList<string>> DueTargetsAsync(CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        return [.. await connection.QueryAsync<string>(new CommandDefinition(
            "SELECT DISTINCT target FROM incident.notify_deliveries WHERE state = 'Pending' AND due_at <= @now AND (lease_until IS NULL OR lease_until <= @now)",
            new { now = time.GetUtcNow() },
            cancellationToken: cancellationToken))];
    }

    public async Task<IReadOnlyList<Delivery>> ClaimAsync(string target, int limit, TimeSpan lease, CancellationToken cancellationToken)
    {
        var (now, owner) = (time.GetUtcNow(), Guid.NewGuid());
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var rows = await connection.QueryAsync<ClaimRow>(new CommandDefinition(
            """
            WITH claimed AS (
                UPDATE incident.notify_deliveries SET lease_owner = @owner, lease_until = @until, attempts = attempts + 1
                WHERE number IN (
                    SELECT number FROM incident.notify_deliveries d
                    WHERE target = @target AND state = 'Pending' AND due_at <= @now AND (lease_until IS NULL OR lease_until <= @now)
                        AND NOT EXISTS (
                            SELECT 1 FROM incident.notify_deliveries e
                            WHERE e.incident_id = d.incident_id AND e.target = d.target AND e.state = 'Pending' AND e.event_number < d.event_number)
                    ORDER BY event_number LIMIT @limit FOR UPDATE SKIP LOCKED)
                RETURNING number, event_number, attempts, tried_since)
            SELECT c.number AS Number, e.id AS EventId, e.name AS EventName, e.incident_id AS IncidentId, c.attempts AS Attempts, c.tried_since AS TriedSince, e.body AS Body
            FROM claimed c JOIN incident.notify_events e ON e.number = c.event_number ORDER BY c.event_number
            """,
            new { target, owner, until = now + lease, now, limit },
            cancellationToken: cancellationToken));
        return [.. rows.Select(r => new Delivery(r.Number, owner, r.EventId, r.EventName, r.IncidentId, target, r.Attempts, new DateTimeOffset(r.TriedSince, TimeSpan.Zero), r.Body))];
    }

    /// <summary>It arrived: that holds whoever has the lease by now.</summary>
    public Task DeliveredAsync(Delivery delivery, CancellationToken cancellationToken) => ExecuteAsync(
        "UPDATE incident.notify_deliveries SET state = 'Delivered', ended_at = @now, reason = NULL, lease_owner = NULL, lease_until = NULL WHERE number = @Number AND state = 'Pending'",
        new { delivery.Number, now = time.GetUtcNow() },
        cancellationToken);

    public Task RetryAsync(Delivery delivery, DateTimeOffset due, string reason, CancellationToken cancellationToken) => ExecuteAsync(
        """
        UPDATE incident.notify_deliveries SET due_at = @due, reason = @reason, lease_owner = NULL, lease_until = NULL
        WHERE number = @Number AND state = 'Pending' AND lease_owner = @LeaseOwner
        """,
        new { delivery.Number, delivery.LeaseOwner, due, reason },
        cancellationToken);

    public Task DeadAsync(Delivery delivery, string reason, CancellationToken cancellationToken) => ExecuteAsync(
        """
        UPDATE incident.notify_deliveries SET state = 'Dead', ended_at = @now, reason = @reason, lease_owner = NULL, lease_until = NULL
        WHERE number = @Number AND state = 'Pending' AND lease_owner = @LeaseOwner
        """,
        new { delivery.Number, delivery.LeaseOwner, reason, now = time.GetUtcNow() },
        cancellationToken);

    /// <summary>Not sent to its end, since this process stops: anybody may, at once.</summary>
    public Task ReleaseAsync(Delivery delivery, CancellationToken cancellationToken) => ExecuteAsync(
        "UPDATE incident.notify_deliveries SET lease_owner = NULL, lease_until = NULL WHERE number = @Number AND state = 'Pending' AND lease_owner = @LeaseOwner",
        new { delivery.Number, delivery.LeaseOwner },
        cancellationToken);

    /// <summary>Gives up what is for a target that nobody has had in its document for a while; returns how many.</summary>
    public async Task<int> DropAsync(string target, TimeSpan patience, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        return await connection.ExecuteAsync(new CommandDefinition(
            """
            UPDATE incident.notify_deliveries SET state = 'Dead', ended_at = @now, reason = 'there is no such target any more', lease_owner = NULL, lease_until = NULL
            WHERE target = @target AND state = 'Pending' AND due_at <= @before AND (lease_until IS NULL OR lease_until <= @now)
            """,
            new { target, now, before = now - patience },
            cancellationToken: cancellationToken));
    }

    /// <summary>Since when the oldest pending one waits; null when none does.</summary>
    public async Task<DateTimeOffset?> OldestPendingAsync(CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        return await connection.ExecuteScalarAsync<DateTime?>(new CommandDefinition(
            "SELECT min(created_at) FROM incident.notify_deliveries WHERE state = 'Pending'", cancellationToken: cancellationToken)) is { } at ? new DateTimeOffset(at, TimeSpan.Zero) : null;
    }

    /// <summary>What comes next of the same incident may go at once, in whichever replica.</summary>
    private async Task ExecuteAsync(string sql, object parameters, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await connection.ExecuteAsync(new CommandDefinition($"{sql}; SELECT pg_notify('{NotifyOutbox.Channel}', '')", parameters, cancellationToken: cancellationToken));
    }

    private sealed class ClaimRow
    {
        public required long Number { get; init; }

        public required string EventId { get; init; }

        public required string EventName { get; init; }

        public required string IncidentId { get; init; }

        public required int Attempts { get; init; }

        public required DateTime TriedSince { get; init; }

        public required string Body { get; init; }
    }
}
