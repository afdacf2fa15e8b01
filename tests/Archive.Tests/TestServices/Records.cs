using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Archive.Segments;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.Archive.Tests.TestServices;

/// <summary>What a reader of the archive sees of a tenant, each record once.</summary>
internal static class Records
{
    private const long Day = 24 * 60 * Chunks.Minute;

    public static async Task<SortedSet<string>> OfAsync(IObjectStore store, TenantId? tenant = null)
    {
        var records = new SortedSet<string>(StringComparer.Ordinal);
        var catalog = new ArchiveCatalog(store);
        var found = new Queue<ChunkManifest>();
        await foreach (var manifest in catalog.FindAsync(tenant ?? Chunks.Tenant, SignalNames.All, Chunks.HalfPastTen - (Chunks.HalfPastTen % Day), Chunks.HalfPastTen + Day, null, default))
        {
            found.Enqueue(manifest);
        }

        while (found.TryDequeue(out var manifest))
        {
            try
            {
                await foreach (var (envelope, payload) in SegmentReader.ReadAsync(store, manifest, default))
                {
                    for (var i = 0; i < envelope.RecordCount; i++)
                    {
                        records.Add($"{envelope.Signal} {envelope.GatewayId} {envelope.Sequence} {i} {payload.Length}");
                    }
                }
            }
            catch (ObjectNotFoundException)
            {
                foreach (var replacement in await catalog.FindReplacementsAsync(manifest, default))
                {
                    found.Enqueue(replacement);
                }
            }
        }

        return records;
    }
}
