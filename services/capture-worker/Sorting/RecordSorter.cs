using StellaOps.Telemetry.Otlp;

namespace StellaOps.Telemetry.CaptureWorker.Sorting;

/// <summary>
/// Brings records into the total order with bounded memory: fills a block, sorts it, spills it as a run, and merges the runs.
/// Records with identical frames come out side by side, so duplicates are found without remembering what was seen.
/// </summary>
internal sealed class RecordSorter : IDisposable
{
    /// <summary>Runs merged at once: bounds open files and read buffers (64 KiB each).</summary>
    private const int FanIn = 64;

    private readonly string _folder;
    private readonly int _blockBytes;
    private readonly List<int> _offsets = [];
    private List<SortRun> _runs = [];
    private byte[] _block;
    private int _used;
    private int _runNumber;

    /// <param name="folder">Where runs are spilled; exists.</param>
    /// <param name="blockBytes">Memory for entries.</param>
    public RecordSorter(string folder, int blockBytes)
    {
        _folder = folder;
        _blockBytes = blockBytes;
        _block = new byte[Math.Min(blockBytes, 1 << 20)];
    }

    /// <summary>Records added.</summary>
    public long Count { get; private set; }

    /// <summary>Runs spilled so far.</summary>
    public int RunsSpilled => _runNumber;

    public void Add(FrameKey key, RecordOrigin origin, ReadOnlySpan<byte> frame)
    {
        var length = SortEntry.Measure(frame);
        if (_used > 0 && _used + (long)length > _blockBytes)
        {
            Spill();
        }

        if (_block.Length - _used < length)
        {
            // A single entry may exceed the block: it becomes a run of its own.
            var wanted = Math.Max(_used + (long)length, Math.Min(_blockBytes, _block.Length * 2L));
            Array.Resize(ref _block, checked((int)wanted));
        }

        SortEntry.Write(_block.AsSpan(_used), key, origin, frame);
        _offsets.Add(_used);
        _used += length;
        Count++;
    }

    /// <summary>All entries in order. Each is valid until the next one is asked for. Once only.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> Sorted()
    {
        if (_runs.Count == 0)
        {
            SortBlock();
            foreach (var offset in _offsets)
            {
                yield return _block.AsMemory(offset, SortEntry.LengthOf(_block.AsSpan(offset)));
            }

            yield break;
        }

        if (_offsets.Count > 0)
        {
            Spill();
        }

        _block = [];
        while (_runs.Count > FanIn)
        {
            MergeOnce();
        }

        foreach (var entry in Merge(_runs))
        {
            yield return entry;
        }
    }

    public void Dispose()
    {
        foreach (var run in _runs)
        {
            run.Dispose();
        }

        _runs = [];
    }

    private static IEnumerable<ReadOnlyMemory<byte>> Merge(List<SortRun> runs)
    {
        var heads = new PriorityQueue<SortRun, SortRun>(Comparer<SortRun>.Create((x, y) => SortEntry.Compare(x.Current.Span, y.Current.Span)));
        foreach (var run in runs)
        {
            if (run.TryRead())
            {
                heads.Enqueue(run, run);
            }
        }

        while (heads.TryDequeue(out var run, out _))
        {
            yield return run.Current;
            if (run.TryRead())
            {
                heads.Enqueue(run, run);
            }
        }
    }

    private void MergeOnce()
    {
        var oldest = _runs[..FanIn];
        var merged = SortRun.Create(NextPath(), file =>
        {
            foreach (var entry in Merge(oldest))
            {
                file.Write(entry.Span);
            }
        });
        _runs.RemoveRange(0, FanIn);
        _runs.Add(merged);
        foreach (var run in oldest)
        {
            run.Dispose();
        }
    }

    private void Spill()
    {
        SortBlock();
        _runs.Add(SortRun.Create(NextPath(), file =>
        {
            foreach (var offset in _offsets)
            {
                file.Write(_block, offset, SortEntry.LengthOf(_block.AsSpan(offset)));
            }
        }));
        _offsets.Clear();
        _used = 0;
    }

    private void SortBlock()
    {
        var block = _block;
        _offsets.Sort((x, y) => SortEntry.Compare(block.AsSpan(x), block.AsSpan(y)));
    }

    private string NextPath() => Path.Combine(_folder, $"run-{_runNumber++:D6}");
}
