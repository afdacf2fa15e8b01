using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Archive.Segments;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.CaptureWorker.Retention.Planning;

/// <summary>Whose stored bytes are summed, as the segments' keys tell.</summary>
internal readonly record struct StoredScope(string Tenant, string Signal, string Tier, string Temperature);

/// <summary>Chunks and their stored bytes.</summary>
internal readonly record struct StoredSum(long Chunks, long Bytes);

/// <summary>What a listing alone tells of the archive: no manifest is read.</summary>
internal static class StoredSums
{
    public static async Task<IReadOnlyDictionary<StoredScope, StoredSum>> ListAsync(IObjectStore store, CancellationToken cancellationToken)
    {
        var sums = new Dictionary<StoredScope, StoredSum>();
        await foreach (var found in store.ListAsync(ArchiveLayout.Root, cancellationToken))
        {
            if (TryScope(found.Key, out var scope))
            {
                var sum = sums.GetValueOrDefault(scope);
                sums[scope] = new StoredSum(sum.Chunks + 1, sum.Bytes + found.Bytes);
            }
        }

        return sums;
    }

    /// <summary>The tenants that have anything, in ordinal order.</summary>
    public static IReadOnlyList<TenantId> TenantsOf(IReadOnlyDictionary<StoredScope, StoredSum> sums) =>
        [.. sums.Keys.Select(k => k.Tenant).Distinct().Order(StringComparer.Ordinal).Select(TenantId.Parse)];

    /// <summary><c>archive/v1/acme/traces/2026/03/01/12/gw-1-...-default-warm.otlp.zst</c>.</summary>
    private static bool TryScope(string key, out StoredScope scope)
    {
        scope = default;
        if (!key.EndsWith(ArchiveLayout.SegmentSuffix, StringComparison.Ordinal))
        {
            return false;
        }

        var parts = key[ArchiveLayout.Root.Length..^ArchiveLayout.SegmentSuffix.Length].Split('/');
        if (parts.Length != 7 || !TenantId.TryParse(parts[0], out _))
        {
            return false;
        }

        var isWarm = parts[6].EndsWith(WarmChunk.NameSuffix, StringComparison.Ordinal);
        var name = isWarm ? parts[6][..^WarmChunk.NameSuffix.Length] : parts[6];
        scope = new StoredScope(parts[0], parts[1], name[(name.LastIndexOf('-') + 1)..], isWarm ? "warm" : "hot");
        return true;
    }
}
