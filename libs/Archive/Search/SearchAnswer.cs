using System.Runtime.CompilerServices;
using System.Text.Json;
using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Search;

namespace StellaOps.Telemetry.Archive.Search;

/// <summary>A search's answer as lines of JSON: records, notes of its progress where asked for, and at last what it was worth (docs/search.md).</summary>
public static class SearchAnswer
{
    /// <param name="progressEvery">How often a note of the progress stands between records that are slow to come; null: never.</param>
    /// <param name="onFailure">Told of what ended the search early; the last line says so too.</param>
    /// <returns>Lines with their ends, each good until the next one.</returns>
    public static async IAsyncEnumerable<ReadOnlyMemory<byte>> LinesAsync(
        IObjectStore store, ArchiveQuery query, TimeSpan? progressEvery, TimeProvider time, Action<Exception> onFailure, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var progress = new SearchProgress();
        string? failure = null;
        using var lines = new SearchLines();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var hits = new ArchiveSearch(store).FindAsync(query, progress, stop.Token).GetAsyncEnumerator(stop.Token);
        var next = Task.FromResult(true);
        try
        {
            while (await next.ConfigureAwait(false))
            {
                next = hits.MoveNextAsync().AsTask();
                while (progressEvery is { } pause && await IsSlowAsync(next, pause, time, cancellationToken).ConfigureAwait(false))
                {
                    yield return Line(new ArchiveSearchNote(Progress: SummaryOf(progress, null)));
                }

                try
                {
                    await next.ConfigureAwait(false);
                }
                catch (Exception e) when (!cancellationToken.IsCancellationRequested)
                {
                    // What was shown stays shown: the answer ends by saying that it is not all.
                    onFailure(e);
                    (next, failure) = (Task.FromResult(false), e.Message);
                }

                if (await next.ConfigureAwait(false))
                {
                    yield return lines.Write(hits.Current);
                }
            }
        }
        finally
        {
            // Who reads may have gone between two records.
            await stop.CancelAsync().ConfigureAwait(false);
            await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await hits.DisposeAsync().ConfigureAwait(false);
        }

        yield return Line(new ArchiveSearchNote(Summary: SummaryOf(progress, failure)));
    }

    private static async Task<bool> IsSlowAsync(Task next, TimeSpan pause, TimeProvider time, CancellationToken cancellationToken) =>
        !next.IsCompleted && await Task.WhenAny(next, Task.Delay(pause, time, cancellationToken)).ConfigureAwait(false) != next && !cancellationToken.IsCancellationRequested;

    private static ReadOnlyMemory<byte> Line(ArchiveSearchNote note) =>
        (byte[])[.. JsonSerializer.SerializeToUtf8Bytes(note, ContractsJson.Default.ArchiveSearchNote), (byte)'\n'];

    private static ArchiveSearchSummary SummaryOf(SearchProgress progress, string? failure) => new(
        failure is null && progress is { IsLimited: false, Damaged: 0, Done: 1 },
        progress.IsLimited,
        failure,
        progress.Done,
        progress.Hits,
        progress.Scanned,
        progress.Pruned,
        progress.Skipped,
        progress.Damaged,
        [.. progress.Damages.Select(d => d.Message)],
        progress.Records,
        progress.StoredBytes,
        progress.ContentBytes);
}
