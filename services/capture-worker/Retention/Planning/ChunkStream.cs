using System.Runtime.CompilerServices;
using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Archive.Segments;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.CaptureWorker.Retention.Planning;

/// <summary>A tenant's chunks, oldest first, of all signals. No more than one hour's manifests are in memory.</summary>
internal sealed class ChunkStream(IObjectStore store)
{
    /// <summary>Manifests that are read at once: a store that is far answers slowly, not seldom.</summary>
    private const int MaxReads = 16;

    private readonly ArchiveCatalog _catalog = new(store);

    /// <summary>Hour by hour. One without a readable manifest is left out.</summary>
    /// <param name="onUnreadable">Told of each manifest, by its key, that cannot be read: what cannot be judged stays.</param>
    public async IAsyncEnumerable<ChunkHour> HoursAsync(
        TenantId tenant, Action<string, IOException> onUnreadable, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var signals = SignalNames.All.Select(s => Hours(tenant, s, cancellationToken).GetAsyncEnumerator(cancellationToken)).ToList();
        try
        {
            var open = new List<IAsyncEnumerator<(string Hour, IReadOnlyList<string> Keys)>>();
            foreach (var signal in signals)
            {
                if (await signal.MoveNextAsync())
                {
                    open.Add(signal);
                }
            }

            while (open.Count > 0)
            {
                var hour = open.Select(s => s.Current.Hour).Min(StringComparer.Ordinal)!;
                var keys = new List<string>();
                foreach (var signal in open.Where(s => s.Current.Hour == hour).ToList())
                {
                    keys.AddRange(signal.Current.Keys);
                    if (!await signal.MoveNextAsync())
                    {
                        open.Remove(signal);
                    }
                }

                if (await ReadAsync(keys, onUnreadable, cancellationToken) is { Count: > 0 } chunks)
                {
                    yield return new ChunkHour(ArchiveLayout.StartOfHour(ArchiveLayout.HourOf(chunks[0].AcceptedFromUnixNano)), chunks);
                }
            }
        }
        finally
        {
            foreach (var signal in signals)
            {
                await signal.DisposeAsync();
            }
        }
    }

    /// <summary>Takes all of a tenant's chunks into a planner's sums.</summary>
    public async Task CountAsync(RetentionPlanner planner, TenantId tenant, Action<string, IOException> onUnreadable, CancellationToken cancellationToken)
    {
        await foreach (var hour in HoursAsync(tenant, onUnreadable, cancellationToken))
        {
            foreach (var chunk in hour.Chunks)
            {
                planner.Count(chunk);
            }
        }
    }

    /// <summary>The keys of the manifests of one hour after the other: <c>yyyy/MM/dd/HH</c>.</summary>
    private async IAsyncEnumerable<(string Hour, IReadOnlyList<string> Keys)> Hours(
        TenantId tenant, Signal signal, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var prefix = $"{ArchiveLayout.Root}{tenant}/{signal.ToName()}/";
        string? hour = null;
        var keys = new List<string>();
        await foreach (var found in store.ListAsync(prefix, cancellationToken))
        {
            var slash = found.Key.LastIndexOf('/');
            if (slash <= prefix.Length || !found.Key.EndsWith(ArchiveLayout.ManifestSuffix, StringComparison.Ordinal))
            {
                continue;
            }

            var of = found.Key[prefix.Length..slash];
            if (hour is not null && of != hour)
            {
                yield return (hour, keys);
                keys = [];
            }

            hour = of;
            keys.Add(found.Key);
        }

        if (hour is not null)
        {
            yield return (hour, keys);
        }
    }

    private async Task<IReadOnlyList<ChunkManifest>> ReadAsync(List<string> keys, Action<string, IOException> onUnreadable, CancellationToken cancellationToken)
    {
        var read = new ChunkManifest?[keys.Count];
        var unreadable = new IOException?[keys.Count];
        await Parallel.ForAsync(0, keys.Count, new ParallelOptions { MaxDegreeOfParallelism = MaxReads, CancellationToken = cancellationToken }, async (i, ct) =>
        {
            try
            {
                read[i] = await _catalog.ReadAsync(keys[i], ct);
            }
            catch (ObjectNotFoundException)
            {
                // Gone since it was listed.
            }
            catch (IOException e)
            {
                unreadable[i] = e;
            }
        });
        for (var i = 0; i < keys.Count; i++)
        {
            if (unreadable[i] is { } e)
            {
                onUnreadable(keys[i], e);
            }
        }

        return [.. read.OfType<ChunkManifest>().OrderBy(c => c.AcceptedFromUnixNano).ThenBy(c => c.ManifestKey, StringComparer.Ordinal)];
    }
}

/// <summary>An hour's chunks, oldest first.</summary>
/// <param name="StartUnixNano">The hour's first moment.</param>
internal sealed record ChunkHour(long StartUnixNano, IReadOnlyList<ChunkManifest> Chunks);
