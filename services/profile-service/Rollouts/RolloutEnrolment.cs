using Dapper;
using Npgsql;
using StellaOps.Telemetry.Contracts.Fleet;
using StellaOps.Telemetry.ProfileService.Agents;

namespace StellaOps.Telemetry.ProfileService.Rollouts;

/// <summary>
/// Gives agents that came too late for a rollout what it brought: the newest completed one whose selector fits. An agent that is part of a live
/// rollout, or that should run something newer or nothing, is left alone.
/// </summary>
internal sealed class RolloutEnrolment(TimeProvider time)
{
    private static readonly TimeSpan s_period = TimeSpan.FromSeconds(2);
    private long _lookedAt;

    public async Task EnrolAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (_lookedAt != 0 && time.GetElapsedTime(_lookedAt) < s_period)
        {
            return;
        }

        _lookedAt = time.GetTimestamp();
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var late = await connection.QueryAsync<(Guid Uid, long Counter)>(new CommandDefinition(
            $"""
            SELECT a.uid, r.counter FROM profile.agents a
            CROSS JOIN LATERAL (
                SELECT c.counter FROM profile.rollouts c JOIN profile.deployments d ON d.counter = c.counter
                WHERE c.state = 'Completed' AND a.labels @> c.selector AND (a.kind = '{KnownFleet.Gateway}' OR d.collector IS NOT NULL)
                ORDER BY c.counter DESC LIMIT 1) r
            LEFT JOIN profile.desired w ON w.uid = a.uid
            WHERE {AgentLiveness.Sql} AND a.manageable AND (w.uid IS NULL OR w.counter < r.counter)
                AND NOT EXISTS (
                    SELECT 1 FROM profile.rollout_agents m JOIN profile.rollouts l ON l.id = m.rollout_id
                    WHERE m.uid = a.uid AND l.state IN {RolloutTables.Live})
            """,
            new { LiveSince = time.GetUtcNow() - AgentLiveness.Silence },
            transaction,
            cancellationToken: cancellationToken));
        await DesiredStore.WriteAsync(transaction, [.. late.Select(l => (l.Uid, (long?)l.Counter))], cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }
}
