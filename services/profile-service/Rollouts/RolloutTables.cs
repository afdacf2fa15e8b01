using System.Text.Json;
using System.Text.Json.Nodes;
using Dapper;
using Npgsql;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.ProfileService.Agents;
using StellaOps.Telemetry.ServiceDefaults.Audit;

namespace StellaOps.Telemetry.ProfileService.Rollouts;

/// <summary>The tables of rollouts, always within a transaction of whoever changes one.</summary>
internal sealed class RolloutTables(AuditLog audit, TimeProvider time)
{
    /// <summary>Who acts when the engine does.</summary>
    public const string SystemActor = "system:" + KnownServices.ProfileService;

    /// <summary>SQL: the states that are not final.</summary>
    public const string Live = "('Pending', 'Running', 'Soaking', 'Paused', 'RollingBack')";

    /// <summary>PostgreSQL keeps microseconds: what is compared must be what is read again.</summary>
    public DateTimeOffset Now()
    {
        var now = time.GetUtcNow();
        return new DateTimeOffset(now.Ticks - (now.Ticks % TimeSpan.TicksPerMicrosecond), TimeSpan.Zero);
    }

    /// <summary>A rollout, locked until the transaction ends; null: there is none.</summary>
    public static async Task<(RolloutRow Row, RolloutProgress Progress)?> LockAsync(NpgsqlTransaction transaction, string id, CancellationToken cancellationToken)
    {
        var connection = transaction.Connection!;
        var row = await connection.QuerySingleOrDefaultAsync<RolloutRow>(new CommandDefinition(
            $"SELECT {RolloutRow.Columns} FROM profile.rollouts WHERE id = @id FOR UPDATE", new { id }, transaction, cancellationToken: cancellationToken));
        if (row is null)
        {
            return null;
        }

        var members = await connection.QueryAsync<RolloutMemberRow>(new CommandDefinition(
            $"SELECT {RolloutMemberRow.Columns} FROM profile.rollout_agents WHERE rollout_id = @id ORDER BY batch, uid", new { id }, transaction, cancellationToken: cancellationToken));
        return (row, row.ToProgress([.. members.Select(m => m.ToMember())]));
    }

    public static async Task InsertAsync(NpgsqlTransaction transaction, RolloutRow row, RolloutProgress progress, CancellationToken cancellationToken)
    {
        var connection = transaction.Connection!;
        await connection.ExecuteAsync(new CommandDefinition(
            """
            INSERT INTO profile.rollouts (id, profile, version, counter, selector, soak_seconds, apply_seconds, reason, break_glass,
                unhealthy_seconds, export_failures, refusals, queue_seconds, state, batch, soaked, failure, stepped_at, started_by, started_at)
            VALUES (@Id, @Profile, @Version, @Counter, @Selector::jsonb, @SoakSeconds, @ApplySeconds, @Reason, @BreakGlass,
                @UnhealthySeconds, @ExportFailures, @Refusals, @QueueSeconds, @State, @Batch, @Soaked, @Failure, @SteppedAt, @StartedBy, @StartedAt)
            """,
            row,
            transaction,
            cancellationToken: cancellationToken));
        await connection.ExecuteAsync(new CommandDefinition(
            """
            INSERT INTO profile.rollout_agents (rollout_id, uid, batch, state, silent, unhealthy, baseline)
            SELECT @Id, uid, batch, 'Waiting', interval '0', interval '0', '{}' FROM unnest(@Uids, @Batches) AS n (uid, batch)
            """,
            new { row.Id, Uids = progress.Members.Select(m => Guid.Parse(m.Uid)).ToArray(), Batches = progress.Members.Select(m => m.Batch).ToArray() },
            transaction,
            cancellationToken: cancellationToken));
    }

    /// <summary>Stores what differs.</summary>
    public static async Task SaveAsync(NpgsqlTransaction transaction, string id, RolloutProgress before, RolloutProgress next, CancellationToken cancellationToken)
    {
        var connection = transaction.Connection!;
        await connection.ExecuteAsync(new CommandDefinition(
            """
            UPDATE profile.rollouts SET state = @State, batch = @Batch, soaked = @Soaked, failure = @Failure, stepped_at = @SteppedAt,
                finished_at = CASE WHEN @IsFinal THEN coalesce(finished_at, @SteppedAt) END
            WHERE id = @id
            """,
            new { id, State = next.State.ToString(), next.Batch, next.Soaked, next.Failure, next.SteppedAt, next.IsFinal },
            transaction,
            cancellationToken: cancellationToken));
        var changed = next.Members.Zip(before.Members).Where(m => m.First != m.Second).Select(m => m.First).ToList();
        if (changed.Count == 0)
        {
            return;
        }

        await connection.ExecuteAsync(new CommandDefinition(
            """
            UPDATE profile.rollout_agents a SET state = n.state, before = n.before, revert = n.revert, silent = n.silent, unhealthy = n.unhealthy, baseline = n.baseline::jsonb,
                error = n.error, offered_at = n.offered_at, settled_at = n.settled_at
            FROM unnest(@Uids, @States, @Befores, @Reverts, @Silents, @Unhealthies, @Baselines, @Errors, @Offered, @Settled)
                AS n (uid, state, before, revert, silent, unhealthy, baseline, error, offered_at, settled_at)
            WHERE a.rollout_id = @id AND a.uid = n.uid
            """,
            new
            {
                id,
                Uids = Column(changed, m => Guid.Parse(m.Uid)),
                States = Column(changed, m => m.State.ToString()),
                Befores = Column(changed, m => m.Before),
                Reverts = Column(changed, m => m.Revert),
                Silents = Column(changed, m => m.Silent),
                Unhealthies = Column(changed, m => m.Unhealthy),
                Baselines = Column(changed, m => JsonSerializer.Serialize(m.Baseline, ContractsJson.Default.IReadOnlyDictionaryStringDouble)),
                Errors = Column(changed, m => m.Error),
                Offered = Column(changed, m => m.OfferedAt?.UtcDateTime),
                Settled = Column(changed, m => m.SettledAt?.UtcDateTime),
            },
            transaction,
            cancellationToken: cancellationToken));
    }

    /// <summary>Adds to the rollout's timeline and to the audit trail: the last statement before the commit.</summary>
    public async Task RecordAsync(NpgsqlTransaction transaction, RolloutRow row, string actor, string action, string? detail, CancellationToken cancellationToken)
    {
        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "INSERT INTO profile.rollout_events (rollout_id, at, actor, action, detail) VALUES (@Id, @At, @actor, @action, @detail)",
            new { row.Id, At = Now(), actor, action, detail },
            transaction,
            cancellationToken: cancellationToken));
        var json = new JsonObject { ["profile"] = row.Profile, ["version"] = row.Version, ["counter"] = row.Counter, ["detail"] = detail };
        await audit.AppendAsync(transaction, new AuditEntry(actor, $"rollout.{action}", null, row.Id, json.ToJsonString()), cancellationToken);
    }

    /// <summary>What is known of agents, by uid.</summary>
    public async Task<IReadOnlyDictionary<string, AgentReport>> ReportsAsync(NpgsqlTransaction transaction, IEnumerable<string> uids, CancellationToken cancellationToken)
    {
        var rows = await transaction.Connection!.QueryAsync<ReportRow>(new CommandDefinition(
            $"""
            SELECT a.uid AS Uid, ({AgentLiveness.Sql}) AS Connected, a.error AS Error, a.health::text AS Health,
                coalesce((SELECT counter FROM profile.deployments WHERE gateway_hash = a.running_hash), (SELECT counter FROM profile.deployments WHERE collector_hash = a.running_hash)) AS Running,
                coalesce((SELECT counter FROM profile.deployments WHERE gateway_hash = a.refused_hash), (SELECT counter FROM profile.deployments WHERE collector_hash = a.refused_hash)) AS Refused
            FROM profile.agents a WHERE a.uid = ANY (@Uids)
            """,
            new { Uids = uids.Select(Guid.Parse).ToArray(), LiveSince = time.GetUtcNow() - AgentLiveness.Silence },
            transaction,
            cancellationToken: cancellationToken));
        return rows.ToDictionary(r => r.Uid.ToString("D"), r => new AgentReport(r.Connected, r.Running, r.Refused, r.Error, AgentRow.HealthOf(r.Health)));
    }

    private static T[] Column<T>(IReadOnlyList<RolloutMember> members, Func<RolloutMember, T> value) => [.. members.Select(value)];

    private sealed record ReportRow(Guid Uid, bool Connected, string? Error, string? Health, long? Running, long? Refused);
}
