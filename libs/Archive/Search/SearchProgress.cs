using System.Collections.Concurrent;
using StellaOps.Telemetry.Archive.Segments;

namespace StellaOps.Telemetry.Archive.Search;

/// <summary>What a search has done so far; read from any thread, whole once it ended.</summary>
public sealed class SearchProgress
{
    private const int MaxNamedDamages = 100;

    private readonly ConcurrentQueue<ArchiveDamagedException> _damages = [];
    private long _scanned;
    private long _pruned;
    private long _skipped;
    private long _damaged;
    private long _storedBytes;
    private long _contentBytes;
    private long _records;
    private long _hits;

    /// <summary>0 to 1, by hours of the window.</summary>
    public double Done { get; internal set; }

    /// <summary>Segments that were read to their end.</summary>
    public long Scanned => Interlocked.Read(ref _scanned);

    /// <summary>Segments of the window that were not read, since their manifest says that they hold nothing that is asked for.</summary>
    public long Pruned => Interlocked.Read(ref _pruned);

    /// <summary>Segments that were not read, since enough was found before them. Later hours are not even listed then.</summary>
    public long Skipped => Interlocked.Read(ref _skipped);

    /// <summary>Segments and manifests that could not be read, or are not what they say: nothing of them is shown.</summary>
    public long Damaged => Interlocked.Read(ref _damaged);

    /// <summary>The first hundred of those, and why.</summary>
    public IReadOnlyCollection<ArchiveDamagedException> Damages => _damages;

    /// <summary>Stored bytes of the scanned segments.</summary>
    public long StoredBytes => Interlocked.Read(ref _storedBytes);

    /// <summary>Content of the scanned segments, uncompressed.</summary>
    public long ContentBytes => Interlocked.Read(ref _contentBytes);

    /// <summary>Records in the scanned segments, copies among them.</summary>
    public long Records => Interlocked.Read(ref _records);

    /// <summary>Records shown.</summary>
    public long Hits => Interlocked.Read(ref _hits);

    /// <summary>Whether more may be there than was shown: the limit of records, or of memory for them, was met.</summary>
    public bool IsLimited { get; internal set; }

    internal void OnScanned(ChunkManifest manifest)
    {
        Interlocked.Increment(ref _scanned);
        Interlocked.Add(ref _storedBytes, manifest.StoredBytes);
        Interlocked.Add(ref _contentBytes, manifest.ContentBytes);
        Interlocked.Add(ref _records, manifest.Records);
    }

    internal void OnPruned() => Interlocked.Increment(ref _pruned);

    internal void OnSkipped() => Interlocked.Increment(ref _skipped);

    internal void OnHit() => Interlocked.Increment(ref _hits);

    internal void OnDamaged(ArchiveDamagedException damage)
    {
        if (Interlocked.Increment(ref _damaged) <= MaxNamedDamages)
        {
            _damages.Enqueue(damage);
        }
    }
}
