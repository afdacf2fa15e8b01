using StellaOps.Telemetry.CaptureWorker.Sorting;
using StellaOps.Telemetry.Contracts;

namespace StellaOps.Telemetry.CaptureWorker.Reading;

/// <summary>One signal's records on their way into the bundle.</summary>
internal sealed class SignalContent : IDisposable
{
    private const int ReportEvery = 4096;

    private readonly DuplicateFilter _duplicates;

    /// <param name="voided">Chunks of which nothing is to be taken; known in full only once everything was read.</param>
    public SignalContent(Signal signal, string folder, SortMemory memory, IReadOnlySet<int> voided)
    {
        Directory.CreateDirectory(folder);
        Sorter = new RecordSorter(memory, folder);
        _duplicates = new DuplicateFilter(signal, voided);
    }

    public RecordSorter Sorter { get; }

    /// <summary>Records, by gateway id, of whole batches that were accepted in the window and read, whatever the job's filter: each once.</summary>
    public Dictionary<string, long> ReadByGateway { get; } = new(StringComparer.Ordinal);

    /// <summary>Our own copies left out so far.</summary>
    public long Copies => _duplicates.Copies;

    /// <summary>Senders' repetitions left out so far.</summary>
    public long Retransmitted => _duplicates.Retransmitted;

    /// <summary>The frames of the bundle. Once only.</summary>
    /// <param name="report">Takes how many more were written.</param>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> FramesAsync(Action<int> report)
    {
        // Sorting reads its own runs from local disk without waiting: the writer's interface is asynchronous, this is not.
        await Task.CompletedTask;
        var done = 0;
        foreach (var frame in _duplicates.Frames(Sorter.Sorted()))
        {
            if (++done % ReportEvery == 0)
            {
                report(ReportEvery);
            }

            yield return frame;
        }
    }

    public void Dispose() => Sorter.Dispose();
}
