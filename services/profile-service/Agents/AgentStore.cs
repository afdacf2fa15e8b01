using System.Text.Json;
using Dapper;
using Npgsql;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.OpAmp;

namespace StellaOps.Telemetry.ProfileService.Agents;

/// <summary>What agents said of themselves, in PostgreSQL.</summary>
internal sealed class AgentStore(NpgsqlDataSource dataSource, TimeProvider time)
{
    /// <summary>
    /// Whom the uid belongs to, which is whoever claims it first, and what is known of the agent; null: it was never heard of. Of two that claim
    /// it at once, at two replicas even, the database lets one pass first.
    /// </summary>
    public async Task<(AgentOwner Owner, AgentRecord? Record)> ClaimAsync(InstanceUid uid, AgentOwner owner, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var results = await connection.QueryMultipleAsync(new CommandDefinition(
            $"""
            INSERT INTO profile.agent_owners AS o (uid, subject, tenant, seen_at) VALUES (@Uid, @Subject, @Tenant, @Now)
            ON CONFLICT (uid) DO UPDATE SET seen_at = excluded.seen_at WHERE o.subject = excluded.subject AND o.tenant = excluded.tenant;
            SELECT subject AS Subject, tenant AS Tenant FROM profile.agent_owners WHERE uid = @Uid;
            SELECT {AgentRow.Columns} FROM profile.agents WHERE uid = @Uid;
            """,
            new { Uid = uid.Value, owner.Subject, owner.Tenant, Now = time.GetUtcNow() },
            cancellationToken: cancellationToken));
        return (await results.ReadSingleAsync<AgentOwner>(), (await results.ReadSingleOrDefaultAsync<AgentRow>())?.ToRecord());
    }

    /// <summary>
    /// Stores records with one statement. What another process stored later stays, and a configuration that was ever applied or refused is never
    /// forgotten for want of a report.
    /// </summary>
    public async Task WriteAsync(IReadOnlyList<AgentRecord> records, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await connection.ExecuteAsync(new CommandDefinition(
            """
            INSERT INTO profile.agents AS a (uid, kind, version, labels, transport, connected, manageable, received_hash, status, error, running_hash, refused_hash, health, first_seen_at, last_seen_at)
            SELECT uid, kind, version, labels::jsonb, transport, connected, manageable, received_hash, status, error, running_hash, refused_hash, health::jsonb, first_seen_at, last_seen_at
            FROM unnest(@Uids, @Kinds, @Versions, @Labels, @Transports, @Connected, @Manageable, @Received, @Statuses, @Errors, @Running, @Refused, @Health, @FirstSeen, @LastSeen)
                AS n (uid, kind, version, labels, transport, connected, manageable, received_hash, status, error, running_hash, refused_hash, health, first_seen_at, last_seen_at)
            ON CONFLICT (uid) DO UPDATE SET
                kind = excluded.kind, version = excluded.version, labels = excluded.labels, transport = excluded.transport, connected = excluded.connected, manageable = excluded.manageable,
                received_hash = coalesce(excluded.received_hash, a.received_hash), status = excluded.status, error = excluded.error,
                running_hash = coalesce(excluded.running_hash, a.running_hash), refused_hash = coalesce(excluded.refused_hash, a.refused_hash),
                health = coalesce(excluded.health, a.health), last_seen_at = excluded.last_seen_at
            WHERE a.last_seen_at <= excluded.last_seen_at
            """,
            new
            {
                Uids = Column(records, r => r.Uid.Value),
                Kinds = Column(records, r => r.Kind),
                Versions = Column(records, r => r.Version),
                Labels = Column(records, r => JsonSerializer.Serialize(r.Labels, ContractsJson.Default.IReadOnlyDictionaryStringString)),
                Transports = Column(records, r => r.Transport),
                Connected = Column(records, r => r.Connected),
                Manageable = Column(records, r => r.Manageable),
                Received = Column(records, r => r.ReceivedHash),
                Statuses = Column(records, r => r.Status.ToString()),
                Errors = Column(records, r => r.Error),
                Running = Column(records, r => r.RunningHash),
                Refused = Column(records, r => r.RefusedHash),
                Health = Column(records, r => r.Health is { } health ? JsonSerializer.Serialize(health, ContractsJson.Default.AgentHealth) : null),
                FirstSeen = Column(records, r => r.FirstSeenAt.UtcDateTime),
                LastSeen = Column(records, r => r.LastSeenAt.UtcDateTime),
            },
            cancellationToken: cancellationToken));
    }

    private static T[] Column<T>(IReadOnlyList<AgentRecord> records, Func<AgentRecord, T> value) => [.. records.Select(value)];
}
