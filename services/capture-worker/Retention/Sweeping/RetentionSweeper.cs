using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.CaptureWorker.Jobs;
using StellaOps.Telemetry.CaptureWorker.Retention.Leaving;
using StellaOps.Telemetry.CaptureWorker.Retention.Planning;
using StellaOps.Telemetry.CaptureWorker.Retention.Policy;
using StellaOps.Telemetry.CaptureWorker.Retention.Removing;
using StellaOps.Telemetry.Contracts.Archive;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.CaptureWorker.Retention.Sweeping;

/// <summary>Goes through the archive once, tenant by tenant, and takes away what the policy says.</summary>
internal sealed partial class RetentionSweeper(
    IObjectStore store, RemovalStore removals, LeftChunkStore leftChunks, ChunkRemover remover, RetentionInstruments instruments, TimeProvider time, ILogger<RetentionSweeper> logger)
{
    private readonly ChunkStream _chunks = new(store);

    /// <summary>One sweep. A chunk that fails is left, a tenant that fails is left to the next one, and the others are swept.</summary>
    public async Task SweepAsync(RetentionPolicy policy, RetentionOptions options, CancellationToken cancellationToken)
    {
        var stored = await StoredSums.ListAsync(store, cancellationToken);
        instruments.OnListed(stored);
        foreach (var tenant in StoredSums.TenantsOf(stored))
        {
            try
            {
                await SweepAsync(policy, tenant, options, cancellationToken);
            }
            catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
            {
                instruments.OnFailed(tenant.Value);
                Log.TenantFailed(logger, e, tenant.Value);
            }
        }

        instruments.OnSwept();
    }

    private async Task SweepAsync(RetentionPolicy policy, TenantId tenant, RetentionOptions options, CancellationToken cancellationToken)
    {
        var left = await leftChunks.ReadAsync(tenant, cancellationToken);
        try
        {
            await SweepAsync(policy, tenant, left, options, cancellationToken);
        }
        catch (IOException)
        {
            await SaveAsync(tenant, left, isWhole: false, cancellationToken);
            throw;
        }

        await SaveAsync(tenant, left, isWhole: true, cancellationToken);
    }

    private async Task SaveAsync(TenantId tenant, LeftChunks left, bool isWhole, CancellationToken cancellationToken)
    {
        await leftChunks.SaveAsync(tenant, left, isWhole, cancellationToken);
        instruments.OnLeft(left);
        foreach (var (key, chunk) in left.New)
        {
            Log.Left(logger, key, chunk.What);
        }
    }

    private async Task SweepAsync(RetentionPolicy policy, TenantId tenant, LeftChunks left, RetentionOptions options, CancellationToken cancellationToken)
    {
        await remover.FinishAsync(tenant, left, cancellationToken);
        var now = UnixNano.Of(time.GetUtcNow());
        var planner = new RetentionPlanner(policy, tenant, await removals.ProtectionsAsync(tenant, cancellationToken), now, now);
        if (planner.NeedsCount)
        {
            await _chunks.CountAsync(planner, tenant, left.Add, cancellationToken);
        }

        var batch = new List<RetentionDecision>();
        var again = new List<RetentionDecision>();
        await foreach (var hour in _chunks.HoursAsync(tenant, left.Add, cancellationToken))
        {
            if (planner.IsDoneAt(hour.StartUnixNano))
            {
                break;
            }

            foreach (var decision in hour.Chunks.Select(planner.Decide).Where(d => d.Action is ArchiveAction.Expire or ArchiveAction.Size or ArchiveAction.Warm))
            {
                if (left.Postpone(decision.Chunk.ManifestKey))
                {
                    again.Add(decision);
                    continue;
                }

                batch.Add(decision);
                if (batch.Count == options.BatchChunks)
                {
                    await remover.RemoveAsync(tenant, batch, left, options, cancellationToken);
                    batch.Clear();
                }
            }
        }

        foreach (var rest in (IEnumerable<RetentionDecision[]>)[[.. batch], .. again.OrderBy(d => left.LastTried(d.Chunk.ManifestKey)).Chunk(options.BatchChunks)])
        {
            await remover.RemoveAsync(tenant, rest, left, options, cancellationToken);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.RetentionTenantFailed, LogLevel.Error, "retention: tenant {Tenant} is left to the next sweep")]
        public static partial void TenantFailed(ILogger logger, Exception exception, string tenant);

        [LoggerMessage(EventIds.RetentionLeft, LogLevel.Error, "retention leaves '{Key}' and tries it again in each sweep: {What}")]
        public static partial void Left(ILogger logger, string key, string what);
    }
}
