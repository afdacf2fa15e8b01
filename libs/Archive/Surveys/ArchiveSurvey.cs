using System.Globalization;
using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Archive.Segments;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.Archive.Surveys;

/// <summary>Which tenants and days the archive holds, by its keys alone.</summary>
/// <param name="Tenants">Those with anything in the archive, a chain of roots alone included; in order.</param>
/// <param name="Days">Stored bytes of the segments by tenant and day; in order.</param>
/// <param name="Foreign">Keys that no writer of ours makes.</param>
public sealed record ArchiveSurvey(
    IReadOnlyList<TenantId> Tenants, IReadOnlyDictionary<(TenantId Tenant, DateOnly Day), long> Days, IReadOnlyList<string> Foreign)
{
    private const int MaxForeign = 1000;

    /// <summary>Lists all keys below a prefix.</summary>
    /// <param name="prefix"><see cref="ArchiveLayout.Root"/>, or a tenant's.</param>
    public static async Task<ArchiveSurvey> ReadAsync(IObjectStore store, string prefix, CancellationToken cancellationToken)
    {
        var days = new Dictionary<(TenantId, DateOnly), long>();
        var tenants = new SortedSet<string>(StringComparer.Ordinal);
        var foreign = new List<string>();
        await foreach (var found in store.ListAsync(prefix, cancellationToken).ConfigureAwait(false))
        {
            if (TryParse(found.Key, out var tenant, out var day))
            {
                tenants.Add(tenant.Value);
                days[(tenant, day)] = days.GetValueOrDefault((tenant, day)) + (found.Key.EndsWith(ArchiveLayout.SegmentSuffix, StringComparison.Ordinal) ? found.Bytes : 0);
            }
            else if (TryParseRoot(found.Key, out tenant))
            {
                tenants.Add(tenant.Value);
            }
            else if (foreign.Count < MaxForeign)
            {
                foreign.Add(found.Key);
            }
        }

        return new ArchiveSurvey([.. tenants.Select(TenantId.Parse)], days, foreign);
    }

    // archive/v1/acme/traces/2026/03/01/10/gw-1-...-default.manifest.json
    private static bool TryParse(string key, out TenantId tenant, out DateOnly day)
    {
        tenant = default;
        day = default;
        if (key.Split('/') is not ["archive", "v1", var name, var signal, var year, var month, var date, var hour, var file]
            || !TenantId.TryParse(name, out tenant) || !SignalNames.TryParse(signal, out _)
            || !DateTime.TryParseExact($"{year}-{month}-{date}T{hour}", "yyyy-MM-dd'T'HH", CultureInfo.InvariantCulture, DateTimeStyles.None, out var at)
            || !(file.EndsWith(ArchiveLayout.ManifestSuffix, StringComparison.Ordinal) || file.EndsWith(ArchiveLayout.SegmentSuffix, StringComparison.Ordinal)
                || file.EndsWith(ArchiveLayout.TombstoneSuffix, StringComparison.Ordinal)))
        {
            return false;
        }

        day = DateOnly.FromDateTime(at);
        return true;
    }

    private static bool TryParseRoot(string key, out TenantId tenant)
    {
        tenant = default;
        return key.Split('/') is ["archive", "v1", var name, ArchiveLayout.RootsFolder, _] && TenantId.TryParse(name, out tenant);
    }
}
