using System.Runtime.CompilerServices;
using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.CaptureWorker.Jobs;
using StellaOps.Telemetry.CaptureWorker.Retention.Planning;
using StellaOps.Telemetry.CaptureWorker.Retention.Policy;
using StellaOps.Telemetry.CaptureWorker.Retention.Removing;
using StellaOps.Telemetry.Contracts.Archive;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.CaptureWorker.Retention.Api;

/// <summary>What the sweeper will do, for people: the same planner, summed up hour by hour.</summary>
internal sealed class ArchivePlanReader(IObjectStore store, RemovalStore removals, TimeProvider time)
{
    private readonly ChunkStream _chunks = new(store);

    /// <summary>A page of rows.</summary>
    /// <param name="tenants">In ordinal order.</param>
    /// <param name="start">Where the page before ended, and for which moments.</param>
    /// <param name="byChunk">A row for each chunk instead of one for each hour.</param>
    public async Task<ArchivePlanPage> ReadAsync(
        RetentionPolicy policy, IReadOnlyList<TenantId> tenants, PlanCursor start, bool byChunk, int limit, CancellationToken cancellationToken)
    {
        var page = new List<ArchivePlanRow>();
        var unreadable = new Dictionary<string, ArchiveLeftChunk>(StringComparer.Ordinal);
        var now = time.GetUtcNow();
        foreach (var tenant in tenants.Where(t => string.CompareOrdinal(t.Value, start.Tenant.Value) >= 0))
        {
            void OnUnreadable(string key, IOException e) => unreadable[key] = new ArchiveLeftChunk(tenant, key, e.Message, now, now);

            await foreach (var (hour, rows) in HoursAsync(policy, tenant, start, byChunk, OnUnreadable, cancellationToken))
            {
                var skip = tenant != start.Tenant || hour > start.Hour ? 0 : hour == start.Hour ? start.Rows : rows.Count;
                for (var i = skip; i < rows.Count; i++)
                {
                    if (page.Count == limit)
                    {
                        return new ArchivePlanPage(page, start with { Tenant = tenant, Hour = hour, Rows = i }, [.. unreadable.Values]);
                    }

                    page.Add(rows[i]);
                }
            }
        }

        return new ArchivePlanPage(page, null, [.. unreadable.Values]);
    }

    private async IAsyncEnumerable<(long Hour, IReadOnlyList<ArchivePlanRow> Rows)> HoursAsync(
        RetentionPolicy policy, TenantId tenant, PlanCursor start, bool byChunk, Action<string, IOException> onUnreadable, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var planner = new RetentionPlanner(policy, tenant, await removals.ProtectionsAsync(tenant, cancellationToken), start.AsOf, start.Until);
        if (planner.NeedsCount)
        {
            await _chunks.CountAsync(planner, tenant, onUnreadable, cancellationToken);
        }

        await foreach (var hour in _chunks.HoursAsync(tenant, onUnreadable, cancellationToken))
        {
            if (planner.IsDoneAt(hour.StartUnixNano))
            {
                yield break;
            }

            var rows = hour.Chunks.Select(planner.Decide).Where(d => d.Action != ArchiveAction.Keep)
                .GroupBy(d => (d.Chunk.Signal, d.Chunk.Tier, d.Action, d.Rule, Held: string.Join(' ', d.HeldBy), Segment: byChunk ? d.Chunk.Segment : null))
                .Select(g => new ArchivePlanRow(
                    tenant,
                    UnixNano.ToTime(hour.StartUnixNano),
                    g.Key.Signal,
                    g.Key.Tier,
                    g.Key.Action,
                    g.Key.Rule,
                    UnixNano.ToTime(g.Min(d => d.AtUnixNano)),
                    g.LongCount(),
                    g.Sum(d => d.Chunk.Records),
                    g.Sum(d => d.Chunk.StoredBytes),
                    g.First().HeldBy,
                    g.Key.Segment))
                .ToList();
            if (rows.Count > 0)
            {
                yield return (hour.StartUnixNano, rows);
            }
        }
    }
}
