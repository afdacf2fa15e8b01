using StellaOps.Telemetry.Otlp;

namespace StellaOps.Telemetry.CaptureWorker.Sorting;

/// <summary>
/// Brings records into the total order with bounded memory: fills a block, has it sorted and spilled as a run while the next one is filled,
/// and merges the runs. Records with identical frames come out side by side, so duplicates are found without remembering what was seen.
/// </summary>
/// <param name="memory">Shared with the sorters of the other signals.</param>
/// <param name="folder">Where runs are spilled; exists.</param>
internal sealed class RecordSorter(SortMemory memory, string folder) : IDisposable
{
    /// <summary>Runs merged at once: bounds open files and read buffers (64 KiB each, 16 MiB in all).</summary>
    internal const int FanIn = 256;

    private readonly List<SortRun> _runs = [];
    private SortBlock? _block;
    private SortBlock? _kept;
    private Task _spilling = Task.CompletedTask;

    /// <summary>Records added.</summary>
    public long Count { get; private set; }

    /// <summary>Runs spilled so far.</summary>
    public int RunsSpilled { get; private set; }

    /// <exception cref="IOException">A spill failed: the disk is full.</exception>
    public void Add(FrameKey key, in RecordOrigin origin, int chunk, ReadOnlySpan<byte> frame, CancellationToken cancellationToken)
    {
        var length = SortEntry.Measure(frame);
        if (_block is { Count: > 0 } full && full.Used + (long)length > memory.BlockBytes)
        {
            if (_spilling.IsFaulted)
            {
                _spilling.GetAwaiter().GetResult();
            }

            _block = null;
            _spilling = SpillAsync(full);
        }

        _block ??= memory.Rent(cancellationToken);
        SortEntry.Write(_block.Add(length, memory.BlockBytes), key, origin, chunk, frame);
        Count++;
    }

    /// <summary>Ends the adding: gives the memory back for the next signal. What is little stays in memory, the rest is on disk.</summary>
    public async Task SealAsync()
    {
        if (_block is { } last)
        {
            _block = null;
            if (RunsSpilled == 0 && last.Used <= memory.KeptBytes)
            {
                _kept = last.Compact();
                memory.Return(last);
            }
            else
            {
                _spilling = SpillAsync(last);
            }
        }

        await _spilling;
    }

    /// <summary>All entries in order, once sealed. Each is valid until the next one is asked for. Once only.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> Sorted()
    {
        if (_kept is { } kept)
        {
            kept.Sort();
            for (var place = 0; place < kept.Count; place++)
            {
                yield return kept.EntryAt(place);
            }

            _kept = null;
            yield break;
        }

        // The first merge takes just as many as make the rest fit: no run is written more often than it has to be.
        while (_runs.Count > FanIn)
        {
            MergeFirst(Math.Min(FanIn, _runs.Count - FanIn + 1));
        }

        foreach (var entry in Merge(_runs))
        {
            yield return entry;
        }
    }

    public void Dispose()
    {
        // A spill under way holds the files: it ends by itself.
        _spilling.ContinueWith(
            _ =>
            {
                foreach (var run in _runs)
                {
                    run.Dispose();
                }
            },
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
    }

    private static IEnumerable<ReadOnlyMemory<byte>> Merge(IReadOnlyList<SortRun> runs)
    {
        var heads = new PriorityQueue<SortRun, SortRun>(Comparer<SortRun>.Create((x, y) => SortEntry.Compare(x.Current.Span, y.Current.Span)));
        foreach (var run in runs)
        {
            if (run.TryRead())
            {
                heads.Enqueue(run, run);
            }
        }

        // Out, and in again: a run is its own priority, so it must not change while it is in.
        while (heads.TryDequeue(out var run, out _))
        {
            yield return run.Current;
            if (run.TryRead())
            {
                heads.Enqueue(run, run);
            }
        }
    }

    private void MergeFirst(int count)
    {
        var oldest = _runs[..count];
        var merged = SortRun.Create(folder, file =>
        {
            foreach (var entry in Merge(oldest))
            {
                file.Write(entry.Span);
            }
        });
        _runs.RemoveRange(0, count);
        _runs.Add(merged);
        oldest.ForEach(r => r.Dispose());
    }

    /// <summary>One after the other, each on another thread than the one that adds.</summary>
    private async Task SpillAsync(SortBlock block)
    {
        var before = _spilling;
        RunsSpilled++;
        try
        {
            await before;
            _runs.Add(await Task.Run(() =>
            {
                block.Sort();
                return SortRun.Create(folder, file =>
                {
                    for (var place = 0; place < block.Count; place++)
                    {
                        file.Write(block.EntryAt(place).Span);
                    }
                });
            }));
        }
        finally
        {
            memory.Return(block);
        }
    }
}
