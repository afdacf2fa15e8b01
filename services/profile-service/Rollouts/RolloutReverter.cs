using Dapper;
using Npgsql;
using StellaOps.Telemetry.Contracts.Rollouts;
using StellaOps.Telemetry.ProfileService.Agents;
using StellaOps.Telemetry.ProfileService.Deployments;
using StellaOps.Telemetry.ProfileService.Versions;

namespace StellaOps.Telemetry.ProfileService.Rollouts;

/// <summary>Takes agents back to what they ran before: by new deployments of those older versions, since a receiver refuses one that it has passed.</summary>
internal sealed class RolloutReverter(VersionStore versions, DeploymentIssuer issuer, RolloutTables tables)
{
    /// <summary>Makes the deployments and says that agents should run them. The notes say which way back does not exist, and why.</summary>
    public async Task<(RolloutProgress Next, IReadOnlyList<string> Notes)> RollBackAsync(
        NpgsqlTransaction transaction, RolloutRow row, RolloutProgress progress, string failure, CancellationToken cancellationToken)
    {
        // Who has been told something else since is no longer this rollout's to take back.
        var touched = progress.Members.Where(m => m.IsTouched).ToList();
        var ours = (await transaction.Connection!.QueryAsync<Guid>(new CommandDefinition(
            "SELECT uid FROM profile.desired WHERE uid = ANY (@Uids) AND counter = @Counter FOR UPDATE",
            new { Uids = touched.Select(m => Guid.Parse(m.Uid)).ToArray(), row.Counter },
            transaction,
            cancellationToken: cancellationToken))).Select(uid => uid.ToString("D")).ToHashSet(StringComparer.Ordinal);
        var ways = new Dictionary<long, long>();
        var notes = new List<string>();
        foreach (var before in touched.Where(m => ours.Contains(m.Uid)).Select(m => m.Before).OfType<long>().Distinct().Order())
        {
            var (way, note) = await WayBackAsync(transaction, row, before, cancellationToken);
            if (way is { } counter)
            {
                ways[before] = counter;
            }
            else
            {
                notes.Add(note!);
            }
        }

        var next = RolloutMachine.RollBack(
            progress, failure, m => ours.Contains(m.Uid) && m.Before is { } before && ways.TryGetValue(before, out var way) ? way : null, tables.Now());
        await DesiredStore.WriteAsync(transaction, [.. DesiredOf(progress, next, ours)], cancellationToken);
        return (next, notes);
    }

    private async Task<(long? Counter, string? Note)> WayBackAsync(NpgsqlTransaction transaction, RolloutRow row, long before, CancellationToken cancellationToken)
    {
        var connection = transaction.Connection!;
        var earlier = await connection.QuerySingleAsync<DeploymentRow>(new CommandDefinition(
            $"SELECT {DeploymentRow.Columns} FROM profile.deployments WHERE counter = @before", new { before }, transaction, cancellationToken: cancellationToken));
        var target = VersionTarget.Of(earlier.Profile, earlier.Version);
        try
        {
            var version = await versions.FindAsync(connection, transaction, earlier.Profile, earlier.Version, cancellationToken);
            var issued = await issuer.IssueAsync(transaction, version!, row.Id, null, $"rollback of deployment {row.Counter}", earlier.Override, cancellationToken);
            return issued.Refused is { } refused ? (null, $"there is no way back to {target}: {refused.Text}") : (issued.Counter, null);
        }
        catch (StoredBytesException e)
        {
            return (null, $"there is no way back to {target}: {e.Message}");
        }
    }

    /// <summary>
    /// Who has no way back keeps what it runs: one that applied the deployment is still to run it, and one that did not must never be offered it
    /// again by itself.
    /// </summary>
    private static IEnumerable<(Guid Uid, long? Counter)> DesiredOf(RolloutProgress progress, RolloutProgress next, HashSet<string> ours) =>
        progress.Members.Zip(next.Members)
            .Where(m => ours.Contains(m.First.Uid) && !(m.Second.State == RolloutAgentState.Kept && m.First.State == RolloutAgentState.Applied))
            .Select(m => (Guid.Parse(m.First.Uid), m.Second.State == RolloutAgentState.Reverting ? m.Second.Revert : null));
}
