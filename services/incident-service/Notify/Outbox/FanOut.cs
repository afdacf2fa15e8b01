using Dapper;
using Npgsql;
using StellaOps.Telemetry.Contracts.Incidents;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.IncidentService.Notify.Targets;

namespace StellaOps.Telemetry.IncidentService.Notify.Outbox;

/// <summary>
/// Makes deliveries of events. One replica at a time: were two to share the events, a later one of an incident could have its deliveries
/// before an earlier one, and be sent first.
/// </summary>
internal sealed class FanOut(NpgsqlDataSource dataSource, TimeProvider time)
{
    // "notify" in ASCII; released with the transaction.
    private const long FanOutLock = 0x6e6f74696679;
    private const int Batch = 200;

    public async Task RunAsync(NotifyTargets targets, CancellationToken cancellationToken)
    {
        while (await RunBatchAsync(targets, cancellationToken) == Batch)
        {
            // Until what was there is done.
        }
    }

    private async Task<int> RunBatchAsync(NotifyTargets targets, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (!await connection.ExecuteScalarAsync<bool>(new CommandDefinition("SELECT pg_try_advisory_xact_lock(@FanOutLock)", new { FanOutLock }, transaction, cancellationToken: cancellationToken)))
        {
            return 0;
        }

        var events = (await connection.QueryAsync<EventRow>(new CommandDefinition(
            $"""
            SELECT number AS Number, incident_id AS IncidentId, tenant AS Tenant, severity AS Severity, name AS Name, only_targets AS OnlyTargets
            FROM incident.notify_events WHERE dispatched_at IS NULL ORDER BY number LIMIT {Batch}
            """,
            transaction: transaction,
            cancellationToken: cancellationToken))).ToList();
        if (events.Count == 0)
        {
            return 0;
        }

        var now = time.GetUtcNow();
        var rows = events.SelectMany(e => e.ChooseFrom(targets).Select(t => (Event: e, Target: t))).ToList();
        await connection.ExecuteAsync(new CommandDefinition(
            """
            INSERT INTO incident.notify_deliveries (event_number, incident_id, tenant, target, kind, state, attempts, created_at, tried_since, due_at)
            SELECT event_number, incident_id, tenant, target, kind, 'Pending', 0, @now, @now, @now
            FROM unnest(@Events, @Incidents, @Tenants, @Targets, @Kinds) AS r (event_number, incident_id, tenant, target, kind)
            ON CONFLICT (event_number, target) DO NOTHING;
            UPDATE incident.notify_events SET dispatched_at = @now WHERE number = ANY (@Done);
            """,
            new
            {
                now,
                Events = rows.Select(r => r.Event.Number).ToArray(),
                Incidents = rows.Select(r => r.Event.IncidentId).ToArray(),
                Tenants = rows.Select(r => r.Event.Tenant).ToArray(),
                Targets = rows.Select(r => r.Target.Name).ToArray(),
                Kinds = rows.Select(r => r.Target.Channel.Kind).ToArray(),
                Done = events.Select(e => e.Number).ToArray(),
            },
            transaction,
            cancellationToken: cancellationToken));
        await transaction.CommitAsync(cancellationToken);
        return events.Count;
    }

    private sealed class EventRow
    {
        public required long Number { get; init; }

        public required string IncidentId { get; init; }

        public required string Tenant { get; init; }

        public required string Severity { get; init; }

        public required string Name { get; init; }

        public string[]? OnlyTargets { get; init; }

        public IEnumerable<Profiles.Notifying.NotifyTarget> ChooseFrom(NotifyTargets targets)
        {
            var (tenant, severity) = (TenantId.Parse(Tenant), Enum.Parse<IncidentSeverity>(Severity));
            return targets.All.Where(t => OnlyTargets is null ? t.Filter.Takes(tenant, severity, Name) : OnlyTargets.Contains(t.Name) && t.Filter.MayKnow(tenant));
        }
    }
}
