using Dapper;
using Microsoft.Extensions.Options;
using Npgsql;
using StellaOps.Telemetry.ProfileService.Agents;

namespace StellaOps.Telemetry.ProfileService.Rollouts;

/// <summary>
/// Forgets agents that were not heard of for long, with what they should run and whom their uids belong to. An agent of a rollout under way is
/// kept until that has ended.
/// </summary>
internal sealed partial class AgentPruner(IOptions<AgentsOptions> options, TimeProvider time, ILogger<AgentPruner> logger)
{
    /// <summary>Agents that are forgotten at once: the driver has rollouts to look at.</summary>
    public const int MaxBatch = 500;

    private static readonly TimeSpan s_period = TimeSpan.FromMinutes(10);
    private long _lookedAt;

    /// <summary>One batch at most, and not more often than it is worth.</summary>
    public async Task PruneAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if (_lookedAt != 0 && time.GetElapsedTime(_lookedAt) < s_period)
        {
            return;
        }

        var (agents, owners) = await ForgetAsync(connection, time.GetUtcNow() - options.Value.ForgetAfter, cancellationToken);
        if (agents > 0)
        {
            Log.Forgotten(logger, agents, options.Value.ForgetAfter);
        }

        // Behind a full batch there are more: the next look goes on.
        _lookedAt = agents < MaxBatch && owners < MaxBatch ? time.GetTimestamp() : 0;
    }

    private static async Task<(int Agents, int Owners)> ForgetAsync(NpgsqlConnection connection, DateTimeOffset since, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var agents = await connection.ExecuteScalarAsync<int>(new CommandDefinition(
            $"""
            WITH gone AS (
                DELETE FROM profile.agents WHERE last_seen_at < @since AND uid IN (
                    SELECT a.uid FROM profile.agents a
                    WHERE a.last_seen_at < @since AND NOT EXISTS (
                        SELECT 1 FROM profile.rollout_agents m JOIN profile.rollouts l ON l.id = m.rollout_id WHERE m.uid = a.uid AND l.state IN {RolloutTables.Live})
                    ORDER BY a.last_seen_at LIMIT {MaxBatch})
                RETURNING uid),
            undesired AS (DELETE FROM profile.desired d USING gone g WHERE d.uid = g.uid)
            SELECT count(*)::int FROM gone
            """,
            new { since },
            transaction,
            cancellationToken: cancellationToken));

        // A uid whose agent connected just now, and is not written yet, keeps its owner.
        var owners = await connection.ExecuteAsync(new CommandDefinition(
            $"""
            DELETE FROM profile.agent_owners WHERE seen_at < @since AND uid IN (
                SELECT o.uid FROM profile.agent_owners o
                WHERE o.seen_at < @since AND NOT EXISTS (SELECT 1 FROM profile.agents a WHERE a.uid = o.uid) LIMIT {MaxBatch})
            """,
            new { since },
            transaction,
            cancellationToken: cancellationToken));
        await transaction.CommitAsync(cancellationToken);
        return (agents, owners);
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.AgentsForgotten, LogLevel.Information, "{Agents} agents are forgotten: they were not heard of for {After}")]
        public static partial void Forgotten(ILogger logger, int agents, TimeSpan after);
    }
}
