using Microsoft.Win32.SafeHandles;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.IngestGateway.Log;

/// <summary>
/// One preallocated file in one term of its use. Written by the holder of the log's lock; entries are published by <see cref="_count"/>
/// and read without it. Reuse makes a new object over the same handle.
/// </summary>
internal sealed class LogFile(string path, SafeFileHandle handle, int capacity, ulong firstSequence, int expectedCount = 64)
{
    private readonly Dictionary<TenantId, long> _tenantBytes = [];
    private BatchEntry[] _entries = new BatchEntry[expectedCount];
    private int _count;

    public string Path { get; } = path;

    public SafeFileHandle Handle { get; } = handle;

    public int Capacity { get; } = capacity;

    public ulong FirstSequence { get; } = firstSequence;

    /// <summary>Where the next frame goes.</summary>
    public int Tail { get; private set; } = LogFormat.FileHeaderLength;

    /// <summary>Readers in the file; guarded by the lock of the file table.</summary>
    public int Readers { get; set; }

    /// <summary>Bytes by tenant; guarded by the log's lock.</summary>
    public IReadOnlyDictionary<TenantId, long> TenantBytes => _tenantBytes;

    public int Count => Volatile.Read(ref _count);

    public ulong NextSequence => FirstSequence + (ulong)Count;

    public bool Fits(int frameLength) => Capacity - Tail >= frameLength;

    public BatchEntry this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
            return Volatile.Read(ref _entries)[index];
        }
    }

    /// <summary>Makes a frame that is on disk visible.</summary>
    public void Add(in BatchEntry entry)
    {
        Tail += entry.FrameLength;
        System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(_tenantBytes, entry.Tenant, out _) += entry.FrameLength;
        Append(entry);
    }

    /// <summary>Gives lost sequences their places; what follows them stands at <paramref name="offset"/>.</summary>
    public void AddLost(ulong count, long acceptedAtUnixNano, int offset)
    {
        for (; count > 0; count--)
        {
            Append(new BatchEntry(NextSequence, acceptedAtUnixNano, default, default, 0, 0, 0, 0));
        }

        Tail = offset;
    }

    private void Append(in BatchEntry entry)
    {
        if (_count == _entries.Length)
        {
            var grown = new BatchEntry[_entries.Length * 2];
            _entries.CopyTo(grown, 0);
            Volatile.Write(ref _entries, grown);
        }

        _entries[_count] = entry;
        Volatile.Write(ref _count, _count + 1);
    }
}
