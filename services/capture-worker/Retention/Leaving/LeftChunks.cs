using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Archive.Segments;

namespace StellaOps.Telemetry.CaptureWorker.Retention.Leaving;

/// <summary>What one sweep of a tenant leaves, by the keys of manifests, and what the one before left. Not for use by two threads at once.</summary>
/// <param name="before">When each chunk that the last sweep left was tried.</param>
internal sealed class LeftChunks(IReadOnlyDictionary<string, DateTimeOffset> before)
{
    private readonly Dictionary<string, LeftChunk> _tried = new(StringComparer.Ordinal);
    private readonly HashSet<string> _waiting = new(StringComparer.Ordinal);

    /// <summary>What was tried in this sweep and left.</summary>
    public IReadOnlyDictionary<string, LeftChunk> Tried => _tried;

    /// <summary>What is to be tried again, and was not yet.</summary>
    public IReadOnlySet<string> Waiting => _waiting;

    /// <summary>Those of <see cref="Tried"/> that the last sweep did not leave.</summary>
    public IEnumerable<KeyValuePair<string, LeftChunk>> New => _tried.Where(t => !before.ContainsKey(t.Key));

    /// <param name="key">Of the chunk's manifest or of its tombstone.</param>
    public void Add(string key, IOException why)
    {
        var manifestKey = ArchiveLayout.TryGetName(key, ArchiveLayout.TombstoneSuffix) is { } name ? name + ArchiveLayout.ManifestSuffix : key;
        _tried[manifestKey] = new LeftChunk(why.Message, why is ArchiveDamagedException or ObjectNotFoundException);
    }

    /// <summary>True of what the last sweep left: it waits until all others are done, so that it takes no time from them.</summary>
    public bool Postpone(string manifestKey) => before.ContainsKey(manifestKey) && _waiting.Add(manifestKey);

    /// <summary>When the last sweep that tried it did: who waited longest comes first.</summary>
    public DateTimeOffset LastTried(string manifestKey) => before[manifestKey];

    /// <summary>Its turn has come.</summary>
    public void Try(string manifestKey) => _waiting.Remove(manifestKey);
}
