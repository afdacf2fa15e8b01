using System.Runtime.ExceptionServices;
using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Archive.Segments;
using StellaOps.Telemetry.CaptureWorker.Jobs;
using StellaOps.Telemetry.CaptureWorker.Retention.Planning;
using StellaOps.Telemetry.CaptureWorker.Retention.Removing;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Archive;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.CaptureWorker.Retention.Api;

/// <summary>Sums up what tenants have in the archive.</summary>
internal sealed class ArchiveUsageReader(IObjectStore store, RemovalStore removals)
{
    private readonly ChunkStream _chunks = new(store);

    /// <summary>One tenant's rows, by signal, tier and temperature.</summary>
    public async Task<IReadOnlyList<ArchiveUsageRow>> ReadAsync(TenantId tenant, CancellationToken cancellationToken)
    {
        var protections = await removals.ProtectionsAsync(tenant, cancellationToken);
        var rows = new Dictionary<(Signal Signal, string Tier, ArchiveTemperature Temperature), ArchiveUsageRow>();
        await foreach (var hour in _chunks.HoursAsync(tenant, PassOverDamage, cancellationToken))
        {
            foreach (var chunk in hour.Chunks)
            {
                var temperature = chunk.IsWarm() ? ArchiveTemperature.Warm : ArchiveTemperature.Hot;
                var (oldest, newest) = (UnixNano.ToTime(chunk.AcceptedFromUnixNano), UnixNano.ToTime(chunk.AcceptedToUnixNano));
                var row = rows.GetValueOrDefault((chunk.Signal, chunk.Tier, temperature))
                    ?? new ArchiveUsageRow(tenant, chunk.Signal, chunk.Tier, temperature, 0, 0, 0, 0, oldest, newest, 0, 0);
                var isHeld = protections.Any(p => p.Covers(chunk));
                rows[(chunk.Signal, chunk.Tier, temperature)] = row with
                {
                    Chunks = row.Chunks + 1,
                    Records = row.Records + chunk.Records,
                    StoredBytes = row.StoredBytes + chunk.StoredBytes,
                    ContentBytes = row.ContentBytes + chunk.ContentBytes,
                    Oldest = oldest < row.Oldest ? oldest : row.Oldest,
                    Newest = newest > row.Newest ? newest : row.Newest,
                    HeldChunks = row.HeldChunks + (isHeld ? 1 : 0),
                    HeldBytes = row.HeldBytes + (isHeld ? chunk.StoredBytes : 0),
                };
            }
        }

        return [.. rows.OrderBy(r => r.Key.Signal).ThenBy(r => r.Key.Tier, StringComparer.Ordinal).ThenBy(r => r.Key.Temperature).Select(r => r.Value)];
    }

    /// <summary>A damaged manifest is the scrubber's to tell; a store that fails does not make the archive smaller.</summary>
    private static void PassOverDamage(string manifestKey, IOException exception)
    {
        if (exception is not ArchiveDamagedException)
        {
            ExceptionDispatchInfo.Throw(exception);
        }
    }
}
