using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.Archive.Search;

/// <summary>Judges the window of a tenant that a request names.</summary>
internal static class WindowRules
{
    public static IEnumerable<(string Field, string Message)> Check(TenantId tenant, DateTimeOffset from, DateTimeOffset to)
    {
        if (tenant.Value.Length == 0)
        {
            yield return ("tenant", "is missing");
        }

        if (to <= from)
        {
            yield return ("to", "is not after from");
        }

        if (from < DateTimeOffset.UnixEpoch)
        {
            yield return ("from", "is before 1970");
        }
    }
}
