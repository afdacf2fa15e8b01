using System.Globalization;
using Dapper;
using Npgsql;
using StellaOps.Telemetry.Contracts.Audit;
using StellaOps.Telemetry.Contracts.Rollouts;
using StellaOps.Telemetry.ProfileService.Versions;

namespace StellaOps.Telemetry.ProfileService.Rollouts;

/// <summary>Rollouts as they are shown.</summary>
internal sealed class RolloutStore(NpgsqlDataSource dataSource)
{
    /// <summary>Null: there is none.</summary>
    public async Task<RolloutResponse?> FindAsync(string id, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var rows = await connection.QueryAsync<RolloutRow>(new CommandDefinition(
            $"SELECT {RolloutRow.Columns} FROM profile.rollouts WHERE id = @id", new { id }, cancellationToken: cancellationToken));
        return (await CompleteAsync(connection, rows.AsList(), cancellationToken)).SingleOrDefault();
    }

    /// <summary>Newest first.</summary>
    public async Task<Page<RolloutResponse>> ListAsync(string? before, int limit, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var rows = (await connection.QueryAsync<RolloutRow>(new CommandDefinition(
            $"SELECT {RolloutRow.Columns} FROM profile.rollouts WHERE @before::text IS NULL OR id < @before ORDER BY id DESC LIMIT @Limit",
            new { before, Limit = limit + 1 },
            cancellationToken: cancellationToken))).AsList();
        return new Page<RolloutResponse>(await CompleteAsync(connection, [.. rows.Take(limit)], cancellationToken), rows.Count > limit ? rows[limit - 1].Id : null);
    }

    /// <summary>By batch, then uid.</summary>
    public async Task<Page<RolloutAgentResponse>> ListAgentsAsync(string id, (int Batch, Guid Uid)? after, int limit, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var rows = (await connection.QueryAsync<MemberView>(new CommandDefinition(
            """
            SELECT m.uid AS Uid, coalesce(a.kind, 'unknown') AS Kind, m.batch AS Batch, m.state AS State, b.profile AS BeforeProfile, b.version AS BeforeVersion,
                CASE WHEN m.state = 'Waiting' THEN NULL ELSE coalesce(m.revert, r.counter) END AS Counter, m.error AS Error, m.offered_at AS OfferedAt, m.settled_at AS SettledAt
            FROM profile.rollout_agents m
            JOIN profile.rollouts r ON r.id = m.rollout_id
            LEFT JOIN profile.agents a ON a.uid = m.uid
            LEFT JOIN profile.deployments b ON b.counter = m.before
            WHERE m.rollout_id = @id AND (m.batch, m.uid) > (@Batch, @Uid) ORDER BY m.batch, m.uid LIMIT @Limit
            """,
            new { id, Batch = after?.Batch ?? 0, Uid = after?.Uid ?? Guid.Empty, Limit = limit + 1 },
            cancellationToken: cancellationToken))).AsList();
        return new Page<RolloutAgentResponse>(
            [.. rows.Take(limit).Select(r => r.ToResponse())],
            rows.Count > limit ? string.Create(CultureInfo.InvariantCulture, $"{rows[limit - 1].Batch}:{rows[limit - 1].Uid:D}") : null);
    }

    private static async Task<IReadOnlyList<RolloutResponse>> CompleteAsync(NpgsqlConnection connection, IReadOnlyList<RolloutRow> rows, CancellationToken cancellationToken)
    {
        var ids = rows.Select(r => r.Id).ToArray();
        var counts = (await connection.QueryAsync<RolloutCount>(new CommandDefinition(
            "SELECT rollout_id AS RolloutId, batch AS Batch, state AS State, count(*)::int AS Agents FROM profile.rollout_agents WHERE rollout_id = ANY (@ids) GROUP BY 1, 2, 3",
            new { ids },
            cancellationToken: cancellationToken))).ToLookup(c => c.RolloutId);
        var events = (await connection.QueryAsync<EventRow>(new CommandDefinition(
            "SELECT rollout_id AS RolloutId, at AS At, actor AS Actor, action AS Action, detail AS Detail FROM profile.rollout_events WHERE rollout_id = ANY (@ids) ORDER BY number",
            new { ids },
            cancellationToken: cancellationToken))).ToLookup(e => e.RolloutId);
        return [.. rows.Select(r => r.ToResponse([.. counts[r.Id]], [.. events[r.Id].Select(e => e.ToEvent())]))];
    }

    private sealed record EventRow(string RolloutId, DateTime At, string Actor, string Action, string? Detail)
    {
        public RolloutEvent ToEvent() => new(new DateTimeOffset(At, TimeSpan.Zero), Actor, Action, Detail);
    }

    private sealed record MemberView(
        Guid Uid, string Kind, int Batch, string State, string? BeforeProfile, long? BeforeVersion, long? Counter, string? Error, DateTime? OfferedAt, DateTime? SettledAt)
    {
        public RolloutAgentResponse ToResponse() => new(
            Uid.ToString("D"),
            Kind,
            Batch,
            Enum.Parse<RolloutAgentState>(State),
            BeforeProfile is null ? null : VersionTarget.Of(BeforeProfile, BeforeVersion!.Value),
            Counter,
            Error,
            OfferedAt is { } offered ? new DateTimeOffset(offered, TimeSpan.Zero) : null,
            SettledAt is { } settled ? new DateTimeOffset(settled, TimeSpan.Zero) : null);
    }
}
