using StellaOps.Telemetry.CaptureWorker.Sorting;
using StellaOps.Telemetry.Contracts;

namespace StellaOps.Telemetry.CaptureWorker.Reading;

/// <summary>One signal's records on their way into the bundle.</summary>
internal sealed class SignalContent : IDisposable
{
    private readonly DuplicateFilter _duplicates;

    public SignalContent(Signal signal, string folder, int sortBlockBytes)
    {
        Directory.CreateDirectory(folder);
        Sorter = new RecordSorter(folder, sortBlockBytes);
        _duplicates = new DuplicateFilter(signal, Retransmissions);
    }

    public RecordSorter Sorter { get; }

    public Retransmissions Retransmissions { get; } = new();

    /// <summary>Copies and retransmissions left out so far.</summary>
    public long Duplicates => _duplicates.Duplicates;

    /// <summary>The frames of the bundle. Once only.</summary>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> FramesAsync(Action<double> report)
    {
        // Sorting reads its own runs from local disk without waiting: the writer's interface is asynchronous, this is not.
        await Task.CompletedTask;
        var total = Math.Max(1, Sorter.Count);
        var done = 0L;
        foreach (var frame in _duplicates.Frames(Sorter.Sorted()))
        {
            if (++done % 4096 == 0)
            {
                report((double)done / total);
            }

            yield return frame;
        }
    }

    public void Dispose() => Sorter.Dispose();
}
