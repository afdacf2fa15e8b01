using Dapper;
using Npgsql;

namespace StellaOps.Telemetry.ProfileService.Agents;

/// <summary>What each agent should run, in PostgreSQL.</summary>
internal sealed class DesiredStore(NpgsqlDataSource dataSource)
{
    public const string Channel = "profile_desired";

    // "desire" in ASCII. Revisions must follow commits, or who reads those above the last one would miss some.
    private const long RevisionLock = 0x646573697265;

    /// <summary>Says what agents should run from the transaction's commit on, and tells every replica then. Null: nothing.</summary>
    public static async Task WriteAsync(NpgsqlTransaction transaction, IReadOnlyList<(Guid Uid, long? Counter)> desired, CancellationToken cancellationToken)
    {
        if (desired.Count == 0)
        {
            return;
        }

        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            $"""
            SELECT pg_advisory_xact_lock({RevisionLock});
            INSERT INTO profile.desired (uid, counter, revision)
            SELECT uid, counter, nextval('profile.desired_revision') FROM unnest(@uids, @counters) AS n (uid, counter)
            ON CONFLICT (uid) DO UPDATE SET counter = excluded.counter, revision = excluded.revision;
            NOTIFY {Channel};
            """,
            new { uids = desired.Select(d => d.Uid).ToArray(), counters = desired.Select(d => d.Counter).ToArray() },
            transaction,
            cancellationToken: cancellationToken));
    }

    /// <summary>Every agent that should run something.</summary>
    public async Task<IReadOnlySet<Guid>> ReadUidsAsync(CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        return (await connection.QueryAsync<Guid>(new CommandDefinition(
            "SELECT uid FROM profile.desired WHERE counter IS NOT NULL", cancellationToken: cancellationToken))).ToHashSet();
    }

    /// <summary>What changed after a revision, in the order of the changes.</summary>
    public async Task<IReadOnlyList<(Guid Uid, long? Counter, long Revision)>> ReadAfterAsync(long revision, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        return (await connection.QueryAsync<(Guid, long?, long)>(new CommandDefinition(
            "SELECT uid, counter, revision FROM profile.desired WHERE revision > @revision ORDER BY revision", new { revision }, cancellationToken: cancellationToken))).AsList();
    }
}
