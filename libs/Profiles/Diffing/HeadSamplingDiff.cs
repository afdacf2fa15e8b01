using StellaOps.Telemetry.Profiles.Gateway;

namespace StellaOps.Telemetry.Profiles.Diffing;

/// <summary><c>spec.sampling.head</c>: what SDKs begin. A rate that one side does not name is compared by what holds in its stead.</summary>
internal static class HeadSamplingDiff
{
    private const string Path = "spec.sampling.head";

    public static void Add(ChangeList changes, HeadSamplingSettings was, HeadSamplingSettings now)
    {
        Rate(changes, Path + ".rate", "SDKs", was.Rate, now.Rate);
        foreach (var service in Both(was.Services, now.Services))
        {
            Rate(changes, $"{Path}.services.{service}", $"SDKs of service '{service}'", was.Services.GetValueOrDefault(service, was.Rate), now.Services.GetValueOrDefault(service, now.Rate));
        }

        foreach (var tenant in Both(was.Tenants, now.Tenants))
        {
            Tenant(changes, tenant, was, now);
        }
    }

    private static void Tenant(ChangeList changes, string tenant, HeadSamplingSettings was, HeadSamplingSettings now)
    {
        var (before, after) = (was.Tenants.GetValueOrDefault(tenant), now.Tenants.GetValueOrDefault(tenant));
        var path = $"{Path}.tenants.{tenant}";
        if ((before?.Rate ?? after?.Rate) is not null)
        {
            Rate(changes, path + ".rate", $"SDKs of tenant '{tenant}'", before?.Rate ?? was.Rate, after?.Rate ?? now.Rate);
        }

        foreach (var service in Both(before?.Services, after?.Services))
        {
            Rate(changes, $"{path}.services.{service}", $"SDKs of service '{service}' of tenant '{tenant}'", was.Of(tenant, service), now.Of(tenant, service));
        }
    }

    private static void Rate(ChangeList changes, string path, string who, double was, double now) =>
        changes.Fall(path, who + " begin of new traces", was, now, Words.Share, ChangeRisk.LowersSampling);

    private static IEnumerable<string> Both<T>(IReadOnlyDictionary<string, T>? was, IReadOnlyDictionary<string, T>? now) =>
        (was?.Keys ?? []).Union(now?.Keys ?? []).Order(StringComparer.Ordinal);
}
