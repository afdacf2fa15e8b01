using StellaOps.Telemetry.Egress;
using StellaOps.Telemetry.Profiles.Gateway;

namespace StellaOps.Telemetry.Profiles.Validation;

/// <summary>In a sealed site every destination stands in the allowlist. The judgement is the dialer's own: what is lawful here is connected to there.</summary>
internal static class SealedRules
{
    /// <summary>The profile whose promise is to be sealed, with whatever inherits from it.</summary>
    private const string Airgap = "airgap";

    public static void Check(RuleContext context)
    {
        var site = context.Profile.Sealed;
        if (!site.Enabled && context.Lineage.Contains(Airgap))
        {
            context.Refuse("sealed.enabled", $"false is not allowed in '{Airgap}', nor in what inherits from it: whoever deploys it relies on the seal", "write 'enabled: true', or inherit from forensic");
        }

        if (!site.Enabled || !site.Allowlist.All(e => EgressRule.TryParse(e, out _)))
        {
            return;
        }

        var policy = EgressPolicy.Sealed(site.Allowlist);
        foreach (var (at, what, url) in Destinations(context))
        {
            var (host, port) = (url.IdnHost, url.Port);
            if (!policy.Allows(host, port))
            {
                context.Refuse(at, $"{what} goes to {host}:{port}, which sealed.allowlist does not name", $"add '{host}:{port}' to sealed.allowlist, or remove it");
            }
        }
    }

    private static IEnumerable<(string At, string What, Uri Url)> Destinations(RuleContext context)
    {
        var exporters = context.Profile.Exporters.OfType<OtlpExporterSettings>()
            .Select(e => (context.PathOfExporter(e.Name, "endpoint"), $"exporter '{e.Name}'", (Uri?)e.Endpoint));
        var (storage, edge) = (context.Profile.Storage, context.Profile.Edge);
        return from d in exporters.Concat(
            [
                ("storage.prometheus.url", "Prometheus", storage?.Prometheus.Url),
                ("storage.alertmanager.webhook", "the webhook", storage?.Alertmanager.Webhook),
                ("edge.gateway", "the edge Collector", edge?.Gateway),
            ])
               where d.Item3 is not null
               select (d.Item1, d.Item2, d.Item3);
    }
}
