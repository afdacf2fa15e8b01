using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Archive.Segments;
using StellaOps.Telemetry.Archive.Tombstones;
using StellaOps.Telemetry.CaptureWorker.Retention.Leaving;
using StellaOps.Telemetry.CaptureWorker.Retention.Planning;
using StellaOps.Telemetry.CaptureWorker.Retention.Removing;
using StellaOps.Telemetry.Contracts.Archive;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.CaptureWorker.Retention.Sweeping;

/// <summary>
/// Takes planned chunks away. 1. The batch is written down, without what is protected by now. Of each chunk: 2. where it is to be warm, what
/// replaces it is put; 3. its removal is begun in the database, from where on no hold can take it back; 4. its signed tombstone is put, its
/// manifest deleted, its segment deleted; 5. that is written down. 6. The batch ends with its audit entries. A worker that dies at any of them
/// leaves a row, and another one finishes.
/// </summary>
internal sealed partial class ChunkRemover(
    IObjectStore store, RemovalStore removals, SigningIdentity identity, RetentionInstruments instruments, TimeProvider time, ILogger<ChunkRemover> logger)
{
    private readonly TombstoneStore _tombstones = new(store, identity.Trust);

    /// <param name="left">Takes what cannot be taken away.</param>
    public async Task RemoveAsync(TenantId tenant, IReadOnlyList<RetentionDecision> decisions, LeftChunks left, RetentionOptions options, CancellationToken cancellationToken)
    {
        if (decisions.Count == 0)
        {
            return;
        }

        // 1.
        var (batch, started) = (NewBatch(), time.GetTimestamp());
        var removed = 0;
        foreach (var decision in await removals.PlanAsync(tenant, batch, decisions, options.Lease, options.MaxClockSkew, cancellationToken))
        {
            // Who takes the batch over when the lease is out must not meet this worker at the same chunk.
            if (time.GetElapsedTime(started) > options.Lease / 2)
            {
                break;
            }

            left.Try(decision.Chunk.ManifestKey);
            try
            {
                removed += await RemoveAsync(batch, decision, cancellationToken) ? 1 : 0;
            }
            catch (IOException e)
            {
                // What is damaged goes when it is too old; until then it is what there is. Of what was begun the row stays, until somebody finishes it.
                left.Add(decision.Chunk.ManifestKey, e);
            }
        }

        // 6.
        await removals.FinishAsync(batch, cancellationToken);
        Log.Removed(logger, tenant.Value, removed);
    }

    /// <summary>Finishes what workers that died had begun, and gives back what they had not.</summary>
    public async Task RecoverAsync(RetentionOptions options, CancellationToken cancellationToken)
    {
        while (true)
        {
            var batch = NewBatch();
            var lost = await removals.ClaimLostAsync(batch, options.Lease, cancellationToken);
            if (lost.Count == 0)
            {
                return;
            }

            var left = new HashSet<string>(StringComparer.Ordinal);
            foreach (var hour in lost.Where(r => !r.IsRemoved).GroupBy(r => r.ManifestKey[..(r.ManifestKey.LastIndexOf('/') + 1)]))
            {
                await _tombstones.FinishAsync(hour.Key, (key, e) => Leave(left, key, e), cancellationToken);
                foreach (var removal in hour.Where(r => !left.Contains(r.ManifestKey)))
                {
                    // With its tombstone it was gone, and is now; without one it is whole.
                    if (await store.ExistsAsync(removal.ManifestKey, cancellationToken))
                    {
                        await removals.TakeBackAsync(batch, removal.ManifestKey, cancellationToken);
                    }
                    else
                    {
                        await removals.RemovedAsync(batch, removal.ManifestKey, cancellationToken);
                    }
                }
            }

            await removals.FinishAsync(batch, cancellationToken);
            if (lost.Count > left.Count)
            {
                Log.Recovered(logger, lost.Count - left.Count);
            }

            if (left.Count > 0)
            {
                return;
            }
        }

        // A half-gone chunk whose rest the store would not delete keeps its row, which tells holds; it is taken up again when the lease is out.
        static void Leave(HashSet<string> left, string tombstoneKey, IOException exception)
        {
            if (exception is not ArchiveDamagedException)
            {
                left.Add(ArchiveLayout.TryGetName(tombstoneKey, ArchiveLayout.TombstoneSuffix) + ArchiveLayout.ManifestSuffix);
            }
        }
    }

    /// <summary>Finishes what only the archive tells of: a database that was restored from a backup does not know it.</summary>
    public Task FinishAsync(TenantId tenant, LeftChunks left, CancellationToken cancellationToken) =>
        _tombstones.FinishAsync(ArchiveLayout.TenantPrefix(tenant), left.Add, cancellationToken);

    private async Task<bool> RemoveAsync(string batch, RetentionDecision decision, CancellationToken cancellationToken)
    {
        var chunk = decision.Chunk;
        if (!await store.ExistsAsync(chunk.ManifestKey, cancellationToken))
        {
            // Another worker took it since it was listed: its tombstone is not written over.
            await removals.TakeBackAsync(batch, chunk.ManifestKey, cancellationToken);
            return false;
        }

        Tombstone tombstone;
        if (decision.Action == ArchiveAction.Warm)
        {
            // 2.
            var warm = await WarmChunk.WriteAsync(store, chunk, Path.GetTempPath(), cancellationToken);
            tombstone = Tombstone.Compacted(chunk, [warm.Segment], decision.Rule, time.GetUtcNow());
        }
        else
        {
            var reason = decision.Action == ArchiveAction.Size ? TombstoneReason.Size : TombstoneReason.Expired;
            tombstone = Tombstone.Deleted(chunk, reason, decision.Rule, time.GetUtcNow());
        }

        // 3. A hold that came just now leaves the warm chunk beside the hot one until a later sweep: its readers know copies.
        if (!await removals.StartAsync(batch, chunk.ManifestKey, cancellationToken))
        {
            return false;
        }

        // 4. and 5.
        await _tombstones.RemoveAsync(tombstone, identity.Key, cancellationToken);
        await removals.RemovedAsync(batch, chunk.ManifestKey, cancellationToken);
        instruments.OnRemoved(decision);
        return true;
    }

    private static string NewBatch() => Guid.CreateVersion7().ToString("n");

    private static partial class Log
    {
        [LoggerMessage(EventIds.RetentionRemoved, LogLevel.Information, "retention: {Chunks} chunks of tenant {Tenant} went or were rewritten")]
        public static partial void Removed(ILogger logger, string tenant, int chunks);

        [LoggerMessage(EventIds.RetentionRecovered, LogLevel.Warning, "retention: {Chunks} removals of a worker that died were finished or given back")]
        public static partial void Recovered(ILogger logger, int chunks);
    }
}
