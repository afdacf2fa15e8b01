using System.Collections.Concurrent;
using StellaOps.Telemetry.OpAmp;

namespace StellaOps.Telemetry.ProfileService.Agents;

/// <summary>The agents that this process has heard of, and what each should run.</summary>
internal sealed class AgentRegistry
{
    /// <summary>Agents that are kept in memory; above it new ones are told to come again later.</summary>
    public const int MaxAgents = 20_000;

    // Bounded by MaxAgents.
    private readonly ConcurrentDictionary<InstanceUid, AgentEntry> _entries = [];

    // Bounded by the table that it is read from, which holds agents that were part of a rollout.
    private readonly ConcurrentDictionary<InstanceUid, long> _desired = [];

    private volatile bool _knowsDesired;

    /// <summary>Whether what agents should run has been read once: before that nobody can be told anything.</summary>
    public bool KnowsDesired => _knowsDesired;

    public IEnumerable<AgentEntry> All => _entries.Values;

    public AgentEntry? Find(InstanceUid uid) => _entries.GetValueOrDefault(uid);

    /// <summary>Null: there are too many.</summary>
    public AgentEntry? GetOrAdd(InstanceUid uid, DateTimeOffset now) =>
        _entries.TryGetValue(uid, out var entry) ? entry
        : _entries.Count >= MaxAgents ? null
        : _entries.GetOrAdd(uid, _ => new AgentEntry { MadeAt = now });

    /// <summary>Forgets who has been silent since then and is stored, or of whom nothing came to be known: it is read again when it comes back.</summary>
    public void Prune(DateTimeOffset since, TimeSpan signOfLife)
    {
        foreach (var (uid, entry) in _entries)
        {
            lock (entry.Lock)
            {
                if (entry.Record is { } record ? record.LastSeenAt < since && !entry.IsDirty(signOfLife) : entry.MadeAt < since)
                {
                    _entries.TryRemove(uid, out _);
                }
            }
        }
    }

    /// <summary>Counter of the deployment that the agent should run; null: none.</summary>
    public long? DesiredOf(InstanceUid uid) => _desired.TryGetValue(uid, out var counter) ? counter : null;

    public void Desire(InstanceUid uid, long? counter)
    {
        if (counter is { } some)
        {
            _desired[uid] = some;
        }
        else
        {
            _desired.TryRemove(uid, out _);
        }
    }

    /// <summary>Forgets what agents should run of whom the database has forgotten it, which says so by no revision.</summary>
    public void KeepDesired(IReadOnlySet<Guid> uids)
    {
        foreach (var (uid, _) in _desired)
        {
            if (!uids.Contains(uid.Value))
            {
                _desired.TryRemove(uid, out _);
            }
        }
    }

    public void OnDesiredRead() => _knowsDesired = true;
}
