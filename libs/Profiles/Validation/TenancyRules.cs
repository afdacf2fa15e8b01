using StellaOps.Telemetry.Profiles.Gateway;

namespace StellaOps.Telemetry.Profiles.Validation;

/// <summary>Several tenants are kept apart in every store, or not taken.</summary>
internal static class TenancyRules
{
    /// <summary>Where Prometheus itself takes OTLP; Mimir, which tells tenants apart, takes it elsewhere.</summary>
    private const string PrometheusOtlpPath = "/api/v1/otlp";

    private const string Problem = "plain Prometheus does not tell tenants apart, and multi_tenant is true: each would query all";
    private const string Fix = "write 'storage.prometheus.front_door: true' and let queries pass the front door, or export to a store that takes X-Scope-OrgID";

    public static void Check(RuleContext context)
    {
        var (profile, storage) = (context.Profile, context.Profile.Storage);
        if (!profile.MultiTenant)
        {
            CheckOneTenant(context);
        }
        else if (storage is { Prometheus.FrontDoor: false })
        {
            context.Refuse("storage.prometheus.front_door", Problem, Fix);
        }
        else if (storage is null)
        {
            foreach (var exporter in profile.Exporters.OfType<OtlpExporterSettings>().Where(e => e.Endpoint.AbsolutePath.StartsWith(PrometheusOtlpPath, StringComparison.Ordinal)))
            {
                context.Refuse(context.PathOfExporter(exporter.Name, "endpoint"), Problem, Fix);
            }
        }
    }

    /// <summary>Limits of tenants that the stores would not look at.</summary>
    private static void CheckOneTenant(RuleContext context)
    {
        foreach (var (store, tenants) in new[] { ("loki", context.Profile.Storage?.Loki.Tenants.Count), ("tempo", context.Profile.Storage?.Tempo.Tenants.Count) })
        {
            if (tenants > 0)
            {
                context.Refuse($"storage.{store}.tenants", "has no effect while multi_tenant is false: the store sees one tenant", "write 'multi_tenant: true', or remove it");
            }
        }
    }
}
