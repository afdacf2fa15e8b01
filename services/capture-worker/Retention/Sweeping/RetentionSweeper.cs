using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.CaptureWorker.Jobs;
using StellaOps.Telemetry.CaptureWorker.Retention.Planning;
using StellaOps.Telemetry.CaptureWorker.Retention.Policy;
using StellaOps.Telemetry.CaptureWorker.Retention.Removing;
using StellaOps.Telemetry.Contracts.Archive;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.CaptureWorker.Retention.Sweeping;

/// <summary>Goes through the archive once, tenant by tenant, and takes away what the policy says.</summary>
internal sealed partial class RetentionSweeper(
    IObjectStore store, RemovalStore removals, ChunkRemover remover, RetentionInstruments instruments, TimeProvider time, ILogger<RetentionSweeper> logger)
{
    private readonly ChunkStream _chunks = new(store);

    /// <summary>One sweep. A tenant that fails is left to the next one, and the others are swept.</summary>
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
        await remover.FinishAsync(tenant, cancellationToken);
        var now = UnixNano.Of(time.GetUtcNow());
        var planner = new RetentionPlanner(policy, tenant, await removals.ProtectionsAsync(tenant, cancellationToken), now, now);
        if (planner.NeedsCount)
        {
            await _chunks.CountAsync(planner, tenant, cancellationToken);
        }

        var batch = new List<RetentionDecision>();
        await foreach (var hour in _chunks.HoursAsync(tenant, e => Log.Damaged(logger, e.Key, e.What), cancellationToken))
        {
            if (planner.IsDoneAt(hour.StartUnixNano))
            {
                break;
            }

            foreach (var decision in hour.Chunks.Select(planner.Decide).Where(d => d.Action is ArchiveAction.Expire or ArchiveAction.Size or ArchiveAction.Warm))
            {
                batch.Add(decision);
                if (batch.Count == options.BatchChunks)
                {
                    await remover.RemoveAsync(tenant, batch, options, cancellationToken);
                    batch.Clear();
                }
            }
        }

        if (batch.Count > 0)
        {
            await remover.RemoveAsync(tenant, batch, options, cancellationToken);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.RetentionTenantFailed, LogLevel.Error, "retention: tenant {Tenant} is left to the next sweep")]
        public static partial void TenantFailed(ILogger logger, Exception exception, string tenant);

        [LoggerMessage(EventIds.RetentionUnreadable, LogLevel.Error, "retention leaves '{Key}' alone, which cannot be read: {What}")]
        public static partial void Damaged(ILogger logger, string key, string what);
    }
}
