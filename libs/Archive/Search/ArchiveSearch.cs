using System.Runtime.CompilerServices;
using System.Threading.Channels;
using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Archive.Segments;

namespace StellaOps.Telemetry.Archive.Search;

/// <summary>
/// Searches the archive hour by hour, several segments at once, and shows what it finds as soon as nothing earlier can come. The order is that
/// of <see cref="HitKey"/>: accepted-at, gateway, sequence, index. Each record once, however many segments hold it.
/// </summary>
public sealed class ArchiveSearch(IObjectStore store)
{
    // Found ahead of whoever reads: a slow reader holds the search up.
    private const int Ahead = 256;

    /// <summary>Runs a search. When the enumeration ended by itself, <paramref name="progress"/> says what it is worth.</summary>
    public async IAsyncEnumerable<SearchHit> FindAsync(ArchiveQuery query, SearchProgress progress, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var found = Channel.CreateBounded<SearchHit>(new BoundedChannelOptions(Ahead) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });
        var searching = RunAsync(query, progress, found.Writer, stop.Token);
        try
        {
            await foreach (var hit in found.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                progress.OnHit();
                yield return hit;
            }
        }
        finally
        {
            // Who stops reading stops the search.
            await stop.CancelAsync().ConfigureAwait(false);
            await searching.ConfigureAwait(false);
        }
    }

    private async Task RunAsync(ArchiveQuery query, SearchProgress progress, ChannelWriter<SearchHit> output, CancellationToken cancellationToken)
    {
        try
        {
            var matcher = new RecordMatcher(query.Record);
            var hits = new HitSet(query.Limit, query.MaxHeldBytes);
            var (first, last) = (ArchiveLayout.HourOf(query.FromUnixNano), ArchiveLayout.HourOf(query.ToUnixNano - 1));
            for (var hour = first; hour <= last && hits is { IsOver: false, Cut: null }; hour++)
            {
                var segments = await ListAsync(query, matcher, hour, progress, cancellationToken).ConfigureAwait(false);
                await SearchAsync(query, matcher, segments, hits, progress, output, cancellationToken).ConfigureAwait(false);
                progress.Done = (double)(hour - first + 1) / (last - first + 1);
                progress.IsLimited = hits.Cut is not null || progress.Skipped > 0 || (hits.IsOver && hour < last);
            }

            progress.Done = 1;
            output.Complete();
        }
        catch (Exception e)
        {
            // To whoever reads; when nobody does, it is the cancellation.
            output.Complete(e);
        }
    }

    /// <summary>The segments of an hour that may hold something, by their first accepted-at; copies that say why they were kept first.</summary>
    private async Task<List<ChunkManifest>> ListAsync(ArchiveQuery query, RecordMatcher matcher, long hour, SearchProgress progress, CancellationToken cancellationToken)
    {
        var from = Math.Max(query.FromUnixNano, ArchiveLayout.StartOfHour(hour));
        var to = Math.Min(query.ToUnixNano, ArchiveLayout.StartOfHour(hour + 1));
        var segments = new List<ChunkManifest>();
        await foreach (var manifest in new ArchiveCatalog(store).FindAsync(
            query.Tenant, [.. query.Signals.Where(matcher.MayTake)], from, to, progress.OnDamaged, cancellationToken).ConfigureAwait(false))
        {
            if (query.MayHold(manifest))
            {
                segments.Add(manifest);
            }
            else
            {
                progress.OnPruned();
            }
        }

        segments.Sort((a, b) => a.AcceptedFromUnixNano.CompareTo(b.AcceptedFromUnixNano) is not 0 and var order ? order : string.CompareOrdinal(a.Segment, b.Segment));
        return segments;
    }

    private async Task SearchAsync(
        ArchiveQuery query, RecordMatcher matcher, List<ChunkManifest> segments, HitSet hits, SearchProgress progress, ChannelWriter<SearchHit> output, CancellationToken cancellationToken)
    {
        var merge = new HitMerge(segments, hits);
        using var one = new SemaphoreSlim(1, 1);
        await Parallel.ForEachAsync(
            Enumerable.Range(0, segments.Count),
            new ParallelOptions { MaxDegreeOfParallelism = query.Parallelism, CancellationToken = cancellationToken },
            async (segment, ct) =>
            {
                await one.WaitAsync(ct).ConfigureAwait(false);
                var isNeeded = merge.Needs(segment);
                one.Release();
                var found = new HitSet(query.Limit, query.MaxHeldBytes / query.Parallelism);
                if (isNeeded)
                {
                    found = await SearchSegmentAsync(query, matcher, segments[segment], found, progress, ct).ConfigureAwait(false);
                }
                else
                {
                    progress.OnSkipped();
                }

                await one.WaitAsync(ct).ConfigureAwait(false);
                try
                {
                    foreach (var hit in merge.Complete(segment, found))
                    {
                        await output.WriteAsync(hit, ct).ConfigureAwait(false);
                    }
                }
                finally
                {
                    one.Release();
                }
            }).ConfigureAwait(false);
    }

    private async Task<HitSet> SearchSegmentAsync(ArchiveQuery query, RecordMatcher matcher, ChunkManifest manifest, HitSet found, SearchProgress progress, CancellationToken cancellationToken)
    {
        try
        {
            await AddAsync(query, matcher, manifest, found, cancellationToken).ConfigureAwait(false);
            progress.OnScanned(manifest);
            return found;
        }
        catch (ArchiveDamagedException e)
        {
            progress.OnDamaged(e);
            return new HitSet(0, 0);
        }
    }

    /// <summary>A segment that was joined with others since it was listed is searched where its records are now, and for no others: those have a place of their own.</summary>
    private async Task AddAsync(ArchiveQuery query, RecordMatcher matcher, ChunkManifest manifest, HitSet found, CancellationToken cancellationToken)
    {
        try
        {
            await new SegmentSearch(store, query, matcher).AddAsync(manifest, found, cancellationToken).ConfigureAwait(false);
        }
        catch (ObjectNotFoundException e)
        {
            var replacements = await new ArchiveCatalog(store).FindReplacementsAsync(manifest, cancellationToken).ConfigureAwait(false);
            if (replacements.Count == 0)
            {
                throw new ArchiveDamagedException(e.Key, "retention took it since it was listed", e);
            }

            var within = query with
            {
                FromUnixNano = Math.Max(query.FromUnixNano, manifest.AcceptedFromUnixNano),
                ToUnixNano = Math.Min(query.ToUnixNano, manifest.AcceptedToUnixNano + 1),
            };
            foreach (var replacement in replacements)
            {
                await AddAsync(within, matcher, replacement, found, cancellationToken).ConfigureAwait(false);
            }
        }
    }
}
