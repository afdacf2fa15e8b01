using StellaOps.Telemetry.Contracts.Fleet;
using StellaOps.Telemetry.OpAmp.Tracking;

namespace StellaOps.Telemetry.ProfileService.Agents;

/// <summary>An agent in memory. Everything but <see cref="Lock"/> is guarded by it.</summary>
internal sealed class AgentEntry
{
    public Lock Lock { get; } = new();

    /// <summary>When it was first heard of in this process.</summary>
    public required DateTimeOffset MadeAt { get; init; }

    /// <summary>Whom its uid belongs to; null until the database has said so.</summary>
    public AgentOwner? Owner { get; set; }

    /// <summary>When it was told last that somebody else reported its uid; 0: never.</summary>
    public long IntruderToldAt { get; set; }

    /// <summary>As the protocol follows it; null until it speaks to this process.</summary>
    public AgentState? State { get; set; }

    /// <summary>What is known of it, stored or about to be.</summary>
    public AgentRecord? Record { get; private set; }

    /// <summary>The record that is stored; null: none that this process knows of.</summary>
    public AgentRecord? Written { get; private set; }

    /// <summary>The connection that it spoke on last.</summary>
    public long ConnectionId { get; set; }

    /// <summary>What it was offered last on its connection, and when.</summary>
    public (long ConnectionId, string Hash, long At) Offered { get; set; }

    /// <summary>Takes over what another process or an earlier life of this one wrote, if that is newer.</summary>
    public void Restore(AgentRecord stored)
    {
        if (Record is null || stored.LastSeenAt > Record.LastSeenAt)
        {
            Record = Written = stored;
        }
    }

    public void Update(AgentRecord record) => Record = record;

    /// <summary>Whether there is something to store: at once what a rollout looks at, a mere sign of life only when <paramref name="signOfLife"/> has passed since the last one.</summary>
    public bool IsDirty(TimeSpan signOfLife) => Record is { } record
        && !ReferenceEquals(record, Written)
        && (Written is not { } written || record.LastSeenAt - written.LastSeenAt >= signOfLife || !IsSame(record, written));

    /// <summary>Remembers what was stored; what came meanwhile stays to be stored.</summary>
    public void OnWritten(AgentRecord record) => Written = record;

    private static bool IsSame(AgentRecord one, AgentRecord other) =>
        one with { LastSeenAt = other.LastSeenAt, Health = null } == other with { Health = null } && IsSame(one.Health, other.Health);

    private static bool IsSame(AgentHealth? one, AgentHealth? other) => ReferenceEquals(one, other)
        || (one is not null && other is not null
            && (one.Healthy, one.Status, one.LastError) == (other.Healthy, other.Status, other.LastError)
            && one.Troubles.SequenceEqual(other.Troubles)
            && one.Metrics.Count == other.Metrics.Count
            && one.Metrics.All(m => other.Metrics.TryGetValue(m.Key, out var value) && value.Equals(m.Value)));
}
