using System.Runtime.CompilerServices;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Evidence.Bundles;

namespace StellaOps.Telemetry.Replay.Batches;

/// <summary>The batches of a bundle, in order, numbered.</summary>
public static class ReplayBatches
{
    /// <summary>Reads them; the same files and the same batching give the same batches.</summary>
    public static async IAsyncEnumerable<ReplayBatch> ReadAsync(BundleFiles files, ReplayBatching batching, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batching);
        var ordinal = 0L;
        var batches = batching.ByTime
            ? MergeAsync(files, batching, cancellationToken)
            : new SignalBatches(new BundleReader(files), batching).ReadAsync(null, cancellationToken);
        await foreach (var batch in batches.ConfigureAwait(false))
        {
            yield return batch with { Ordinal = ordinal++ };
        }
    }

    /// <summary>Reads the bundle once for each signal: they lie behind one another in it, and none is held in memory.</summary>
    private static async IAsyncEnumerable<ReplayBatch> MergeAsync(BundleFiles files, ReplayBatching batching, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var open = new List<IAsyncEnumerator<ReplayBatch>>();
        try
        {
            foreach (var signal in SignalNames.All)
            {
                var batches = new SignalBatches(new BundleReader(files), batching).ReadAsync(signal, cancellationToken).GetAsyncEnumerator(cancellationToken);
                if (await batches.MoveNextAsync().ConfigureAwait(false))
                {
                    open.Add(batches);
                }
                else
                {
                    await batches.DisposeAsync().ConfigureAwait(false);
                }
            }

            while (open.Count > 0)
            {
                var next = open.MinBy(b => (b.Current.FirstEventTimeUnixNano, b.Current.Signal))!;
                yield return next.Current;
                if (!await next.MoveNextAsync().ConfigureAwait(false))
                {
                    open.Remove(next);
                    await next.DisposeAsync().ConfigureAwait(false);
                }
            }
        }
        finally
        {
            foreach (var batches in open)
            {
                await batches.DisposeAsync().ConfigureAwait(false);
            }
        }
    }
}
