using Dapper;
using Npgsql;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Audit;
using StellaOps.Telemetry.Contracts.Incidents;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.IncidentService.Notify.Outbox;
using StellaOps.Telemetry.IncidentService.Publishing;
using StellaOps.Telemetry.ServiceDefaults.Audit;
using StellaOps.Telemetry.ServiceDefaults.Database;

namespace StellaOps.Telemetry.IncidentService.Incidents;

/// <summary>Incidents in PostgreSQL. Each change writes the row, its timeline, the outbox and the audit trail in one transaction.</summary>
internal sealed class IncidentStore(NpgsqlDataSource dataSource, AuditLog audit, Idempotency idempotency, PublishSignal signal, TimeProvider time)
{
    /// <summary>Who acts when time does.</summary>
    public const string SystemActor = "system:" + KnownServices.IncidentService;

    public async Task<(ChangeOutcome Outcome, IncidentResponse? Incident)> StartAsync(
        StartIncidentRequest request, string actor, string? idempotencyKey, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var now = Now();

        // Version 7: ids sort by time, which is what the list's cursor rests on.
        var id = $"inc-{Guid.CreateVersion7(now):n}";
        var hash = Idempotency.HashOf("incidents", request, ContractsJson.Default.StartIncidentRequest);
        var claim = await idempotency.ClaimAsync(transaction, actor, idempotencyKey, hash, id, cancellationToken);
        if (claim.Outcome == IdempotencyOutcome.Mismatch)
        {
            return (ChangeOutcome.KeyReused, null);
        }

        if (claim.Outcome == IdempotencyOutcome.Repeat)
        {
            var before = await FindAsync(connection, transaction, claim.ResourceId, forUpdate: false, cancellationToken);
            return (ChangeOutcome.Done, await ToResponseAsync(connection, transaction, before!, cancellationToken));
        }

        var incident = IncidentMachine.Start(id, request, actor, now);
        await connection.ExecuteAsync(new CommandDefinition(
            """
            INSERT INTO incident.incidents (id, tenant, services, reason, severity, state, sampling_rate, cooldown_seconds, version,
                started_at, active_until, expires_at, ended_at, announced_until, opened_by)
            VALUES (@Id, @Tenant, @Services, @Reason, @Severity, @State, @SamplingRate, @CooldownSeconds, @Version,
                @StartedAt, @ActiveUntil, @ExpiresAt, @EndedAt, @AnnouncedUntil, @OpenedBy)
            """,
            ParametersOf(incident),
            transaction,
            cancellationToken: cancellationToken));
        await RecordAsync(transaction, incident, actor, "start", request.Reason, now, cancellationToken);
        var response = await ToResponseAsync(connection, transaction, incident, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        signal.Raise();
        return (ChangeOutcome.Done, response);
    }

    /// <summary>Stops or extends: whatever <paramref name="step"/> makes of it. A step that changes nothing writes nothing.</summary>
    public async Task<(ChangeOutcome Outcome, IncidentResponse? Incident)> ChangeAsync(
        string id, Func<TenantId, bool> mayAccess, long? ifVersion, string actor, string action, string? detail, Func<Incident, DateTimeOffset, Incident?> step, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await FindAsync(connection, transaction, id, forUpdate: true, cancellationToken) is not { } incident || !mayAccess(incident.Tenant))
        {
            return (ChangeOutcome.NotFound, null);
        }

        if (ifVersion is { } version && version != incident.Version)
        {
            return (ChangeOutcome.VersionDiffers, null);
        }

        var now = Now();
        if (step(incident, now) is not { } next)
        {
            return (ChangeOutcome.WrongState, await ToResponseAsync(connection, transaction, incident, cancellationToken));
        }

        if (next.Version != incident.Version)
        {
            await UpdateAsync(transaction, next, actor, action, detail, now, cancellationToken);
        }

        var response = await ToResponseAsync(connection, transaction, next, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        signal.Raise();
        return (ChangeOutcome.Done, response);
    }

    /// <summary>Moves what time has moved; returns it. Replicas share the work: a row that another one holds is skipped.</summary>
    public async Task<IReadOnlyList<Incident>> TickAsync(CancellationToken cancellationToken)
    {
        const int Batch = 100;
        var now = Now();
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var due = await connection.QueryAsync<IncidentRow>(new CommandDefinition(
            $"""
            SELECT {IncidentRow.Columns} FROM incident.incidents
            WHERE (state = 'Active' AND active_until <= @now) OR (state IN ('Active', 'CoolingDown') AND expires_at <= @now)
            ORDER BY id LIMIT {Batch} FOR UPDATE SKIP LOCKED
            """,
            new { now },
            transaction,
            cancellationToken: cancellationToken));
        var moved = new List<Incident>();
        foreach (var row in due)
        {
            var next = IncidentMachine.Tick(row.ToIncident(), now);
            await UpdateAsync(transaction, next, SystemActor, next.State == IncidentState.CoolingDown ? "cool-down" : "end", null, now, cancellationToken);
            moved.Add(next);
        }

        await transaction.CommitAsync(cancellationToken);
        if (moved.Count > 0)
        {
            signal.Raise();
        }

        return moved;
    }

    public async Task<IncidentResponse?> FindAsync(string id, Func<TenantId, bool> mayAccess, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        return await FindAsync(connection, null, id, forUpdate: false, cancellationToken) is { } incident && mayAccess(incident.Tenant)
            ? await ToResponseAsync(connection, null, incident, cancellationToken)
            : null;
    }

    /// <summary>Newest first.</summary>
    public async Task<Page<IncidentResponse>> ListAsync(TenantId? tenant, IncidentState? state, string? cursor, int limit, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var rows = (await connection.QueryAsync<IncidentRow>(new CommandDefinition(
            $"""
            SELECT {IncidentRow.Columns} FROM incident.incidents
            WHERE (@Tenant::text IS NULL OR tenant = @Tenant) AND (@State::text IS NULL OR state = @State) AND (@Cursor::text IS NULL OR id < @Cursor)
            ORDER BY id DESC LIMIT @Limit
            """,
            new { Tenant = tenant?.Value, State = state?.ToString(), Cursor = cursor, Limit = limit + 1 },
            cancellationToken: cancellationToken))).Select(r => r.ToIncident()).ToList();
        var shown = rows.Take(limit).ToList();
        var events = (await connection.QueryAsync<EventRow>(new CommandDefinition(
            "SELECT incident_id AS IncidentId, at AS At, actor AS Actor, action AS Action, detail AS Detail FROM incident.events WHERE incident_id = ANY (@ids) ORDER BY number",
            new { ids = shown.Select(i => i.Id).ToArray() },
            cancellationToken: cancellationToken))).ToLookup(e => e.IncidentId, e => e.ToEvent());
        return new Page<IncidentResponse>([.. shown.Select(i => i.ToResponse([.. events[i.Id]]))], rows.Count > limit ? shown[^1].Id : null);
    }

    /// <summary>Everything that gateways must know at this time: what is raised, and tombstones of what one of them may still take for raised.</summary>
    public async Task<IReadOnlyList<Incident>> ReadAnnouncedAsync(TimeSpan margin, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        return [.. (await connection.QueryAsync<IncidentRow>(new CommandDefinition(
            $"SELECT {IncidentRow.Columns} FROM incident.incidents WHERE announced_until > @since ORDER BY id",
            new { since = Now() - margin },
            cancellationToken: cancellationToken))).Select(r => r.ToIncident())];
    }

    /// <summary>What the outbox holds.</summary>
    public async Task<IReadOnlyList<Incident>> ReadOutboxAsync(CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        return [.. (await connection.QueryAsync<IncidentRow>(new CommandDefinition(
            $"SELECT {IncidentRow.Columns} FROM incident.incidents WHERE id IN (SELECT incident_id FROM incident.outbox) ORDER BY id",
            cancellationToken: cancellationToken))).Select(r => r.ToIncident())];
    }

    /// <summary>Takes a version out of the outbox, unless a newer one stands there by now.</summary>
    public async Task ClearOutboxAsync(Incident published, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await connection.ExecuteAsync(new CommandDefinition(
            "DELETE FROM incident.outbox WHERE incident_id = @Id AND version <= @Version", new { published.Id, published.Version }, cancellationToken: cancellationToken));
    }

    private async Task UpdateAsync(NpgsqlTransaction transaction, Incident next, string actor, string action, string? detail, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var updated = await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            """
            UPDATE incident.incidents SET state = @State, version = @Version, active_until = @ActiveUntil, expires_at = @ExpiresAt,
                ended_at = @EndedAt, announced_until = @AnnouncedUntil
            WHERE id = @Id AND version = @Version - 1
            """,
            ParametersOf(next),
            transaction,
            cancellationToken: cancellationToken));
        if (updated != 1)
        {
            throw new InvalidOperationException($"incident {next.Id} changed under its lock");
        }

        await RecordAsync(transaction, next, actor, action, detail, now, cancellationToken);
    }

    private async Task RecordAsync(NpgsqlTransaction transaction, Incident incident, string actor, string action, string? detail, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            """
            INSERT INTO incident.events (incident_id, at, actor, action, detail) VALUES (@Id, @now, @actor, @action, @detail);
            INSERT INTO incident.outbox (incident_id, version) VALUES (@Id, @Version)
                ON CONFLICT (incident_id) DO UPDATE SET version = excluded.version;
            """,
            new { incident.Id, incident.Version, now, actor, action, detail },
            transaction,
            cancellationToken: cancellationToken));
        await NotifyOutbox.AppendAsync(transaction, incident, new IncidentEvent(now, actor, action, detail), cancellationToken);
        await audit.AppendAsync(transaction, new AuditEntry(actor, $"incident.{action}", incident.Tenant.Value, incident.Id, AuditDetail.Of(incident, detail)), cancellationToken);
    }

    private static async Task<Incident?> FindAsync(NpgsqlConnection connection, NpgsqlTransaction? transaction, string id, bool forUpdate, CancellationToken cancellationToken) =>
        (await connection.QuerySingleOrDefaultAsync<IncidentRow>(new CommandDefinition(
            $"SELECT {IncidentRow.Columns} FROM incident.incidents WHERE id = @id{(forUpdate ? " FOR UPDATE" : "")}", new { id }, transaction, cancellationToken: cancellationToken)))?.ToIncident();

    private static async Task<IncidentResponse> ToResponseAsync(NpgsqlConnection connection, NpgsqlTransaction? transaction, Incident incident, CancellationToken cancellationToken)
    {
        var events = await connection.QueryAsync<EventRow>(new CommandDefinition(
            "SELECT incident_id AS IncidentId, at AS At, actor AS Actor, action AS Action, detail AS Detail FROM incident.events WHERE incident_id = @Id ORDER BY number",
            new { incident.Id },
            transaction,
            cancellationToken: cancellationToken));
        return incident.ToResponse([.. events.Select(e => e.ToEvent())]);
    }

    private static object ParametersOf(Incident incident) => new
    {
        incident.Id,
        Tenant = incident.Tenant.Value,
        Services = incident.Services.ToArray(),
        incident.Reason,
        Severity = incident.Severity.ToString(),
        State = incident.State.ToString(),
        incident.SamplingRate,
        incident.CooldownSeconds,
        incident.Version,
        incident.StartedAt,
        incident.ActiveUntil,
        incident.ExpiresAt,
        incident.EndedAt,
        incident.AnnouncedUntil,
        incident.OpenedBy,
    };

    /// <summary>PostgreSQL keeps microseconds: what is answered and published must be what is read again.</summary>
    private DateTimeOffset Now()
    {
        var now = time.GetUtcNow();
        return new DateTimeOffset(now.Ticks - (now.Ticks % TimeSpan.TicksPerMicrosecond), TimeSpan.Zero);
    }

    private sealed record EventRow(string IncidentId, DateTime At, string Actor, string Action, string? Detail)
    {
        public IncidentEvent ToEvent() => new(new DateTimeOffset(At, TimeSpan.Zero), Actor, Action, Detail);
    }
}
