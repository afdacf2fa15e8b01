using Dapper;
using Npgsql;
using StellaOps.Telemetry.Contracts.Audit;
using StellaOps.Telemetry.Contracts.Incidents;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.IncidentService.Incidents;

/// <summary>Reading.</summary>
internal sealed partial class IncidentStore
{
    public async Task<IncidentResponse?> FindAsync(string id, Func<TenantId, bool> mayAccess, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        return await FindAsync(connection, null, id, forUpdate: false, cancellationToken) is { } incident && mayAccess(incident.Tenant)
            ? await ToResponseAsync(connection, incident, cancellationToken)
            : null;
    }

    /// <summary>One that is known to be there.</summary>
    public async Task<Incident> ReadAsync(string id, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        return await FindAsync(connection, null, id, forUpdate: false, cancellationToken) ?? throw new InvalidOperationException($"incident {id} is gone");
    }

    /// <summary>The open one that a source calls so.</summary>
    public async Task<Incident?> FindOpenAsync(TenantId tenant, string correlation, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        return await FindOpenAsync(connection, null, tenant, correlation, forUpdate: false, cancellationToken);
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
            EventRow.Select + " WHERE incident_id = ANY (@ids) ORDER BY number",
            new { ids = shown.Select(i => i.Id).ToArray() },
            cancellationToken: cancellationToken))).ToLookup(e => e.IncidentId, e => e.ToEvent());
        return new Page<IncidentResponse>([.. shown.Select(i => i.ToResponse([.. events[i.Id]]))], rows.Count > limit ? shown[^1].Id : null);
    }

    /// <summary>What has not ended.</summary>
    public async Task<IReadOnlyList<Incident>> ReadOpenAsync(CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        return [.. (await connection.QueryAsync<IncidentRow>(new CommandDefinition(
            $"SELECT {IncidentRow.Columns} FROM incident.incidents WHERE state IN ({IncidentRow.OpenStates}) ORDER BY id",
            cancellationToken: cancellationToken))).Select(r => r.ToIncident())];
    }

    /// <summary>When rates of a tenant's open incidents were changed last.</summary>
    public async Task<IReadOnlyDictionary<TenantId, DateTimeOffset>> ReadLastThrottledAsync(CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        return (await connection.QueryAsync<(string Tenant, DateTime At)>(new CommandDefinition(
            $"""
            SELECT i.tenant, max(e.at) FROM incident.events e JOIN incident.incidents i ON i.id = e.incident_id
            WHERE e.action = 'throttle' AND i.state IN ({IncidentRow.OpenStates}) GROUP BY i.tenant
            """,
            cancellationToken: cancellationToken))).ToDictionary(r => TenantId.Parse(r.Tenant), r => new DateTimeOffset(r.At, TimeSpan.Zero));
    }

    /// <summary>Everything that gateways must know at this time: what is raised, and tombstones of what one of them may still take for raised.</summary>
    public async Task<IReadOnlyList<Incident>> ReadAnnouncedAsync(TimeSpan margin, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        return [.. (await connection.QueryAsync<IncidentRow>(new CommandDefinition(
            $"SELECT {IncidentRow.Columns} FROM incident.incidents WHERE announced_until > @since AND announced_until > started_at ORDER BY id",
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

    private static async Task<Incident?> FindAsync(NpgsqlConnection connection, NpgsqlTransaction? transaction, string id, bool forUpdate, CancellationToken cancellationToken) =>
        (await connection.QuerySingleOrDefaultAsync<IncidentRow>(new CommandDefinition(
            $"SELECT {IncidentRow.Columns} FROM incident.incidents WHERE id = @id{(forUpdate ? " FOR UPDATE" : "")}", new { id }, transaction, cancellationToken: cancellationToken)))?.ToIncident();

    private static async Task<IncidentResponse> ToResponseAsync(NpgsqlConnection connection, Incident incident, CancellationToken cancellationToken)
    {
        var events = await connection.QueryAsync<EventRow>(new CommandDefinition(
            EventRow.Select + " WHERE incident_id = @Id ORDER BY number",
            new { incident.Id },
            cancellationToken: cancellationToken));
        return incident.ToResponse([.. events.Select(e => e.ToEvent())]);
    }

    private static async Task<Incident?> FindOpenAsync(
        NpgsqlConnection connection, NpgsqlTransaction? transaction, TenantId tenant, string correlation, bool forUpdate, CancellationToken cancellationToken) =>
        (await connection.QuerySingleOrDefaultAsync<IncidentRow>(new CommandDefinition(
            $"""
            SELECT {IncidentRow.Columns} FROM incident.incidents
            WHERE tenant = @Tenant AND correlation = @correlation AND state IN ({IncidentRow.OpenStates}){(forUpdate ? " FOR UPDATE" : "")}
            """,
            new { Tenant = tenant.Value, correlation },
            transaction,
            cancellationToken: cancellationToken)))?.ToIncident();

    private sealed record EventRow(string IncidentId, DateTime At, string Actor, string Action, string? Detail, string? State, long? Version)
    {
        public const string Select =
            "SELECT incident_id AS IncidentId, at AS At, actor AS Actor, action AS Action, detail AS Detail, state AS State, version AS Version FROM incident.events";

        public IncidentEvent ToEvent() => new(
            new DateTimeOffset(At, TimeSpan.Zero), Actor, Action, Detail, State is null ? null : Enum.Parse<IncidentState>(State), Version);
    }
}
