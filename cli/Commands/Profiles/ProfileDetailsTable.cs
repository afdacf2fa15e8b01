using System.Globalization;
using Spectre.Console;
using StellaOps.Telemetry.Cli.Output;
using StellaOps.Telemetry.Profiles.Model;

namespace StellaOps.Telemetry.Cli.Commands.Profiles;

/// <summary>A profile for people.</summary>
internal static class ProfileDetailsTable
{
    public static Table Of(ProfileDetails p) => OutputWriter.Properties(
        ("profile", p.Name),
        ("description", p.Description.Length == 0 ? null : p.Description),
        ("inherits from", p.Lineage.Count > 1 ? string.Join(", ", p.Lineage.Skip(1)) : null),
        ("overlay", p.Overlay),
        ("documents", string.Join(", ", p.Documents)),
        ("hash", p.Hash),
        ("environment", p.Environment),
        ("listeners", $"{p.Grpc}, {p.Http}"),
        ("redaction", p.Redaction),
        ("durability", p.Durability),
        ("recorder", $"{p.RecorderMaxAge}, {ProfileWords.Size(p.RecorderMaxBytes)}, {Share(p.RecorderTenantShare)} of it per tenant, {ProfileWords.Size(p.RecorderSpillBytes)} of spill"),
        ("decision wait", p.DecisionWait),
        ("sampling", p.SamplingPolicies.Count == 0 ? "none: everything is kept" : string.Join(", ", p.SamplingPolicies)),
        ("exporters", p.Exporters.Count == 0 ? "none" : string.Join(", ", p.Exporters)),
        ("incident", $"{Share(p.IncidentSamplingRate)} kept, lookback {p.IncidentLookback}, cooldown {p.IncidentCooldown}, ceiling {p.IncidentCeiling}"),
        ("retention", p.Retention.Count == 0 ? null : Pairs(p.Retention)),
        ("multi-tenant", p.MultiTenant ? "yes" : "no"),
        ("prometheus", p.Storage is { } s ? $"{s.PrometheusRetention}, {ProfileWords.Size(s.PrometheusMaxBytes)}{(s.FrontDoor ? ", behind the front door" : "")}" : null),
        ("loki", p.Storage is { } l ? Tenants(l.LokiRetention, l.LokiTenants) : null),
        ("tempo", p.Storage is { } t ? Tenants(t.TempoRetention, t.TempoTenants) : null),
        ("alerts", p.Storage?.Webhook),
        ("edge", p.Edge is { } e ? $"{string.Join(", ", e.Processors)} to {e.Gateway}, {ProfileWords.Size(e.MemoryLimit)} of memory, {ProfileWords.Size(e.QueueBytes)} of queue" : null),
        ("sealed", !p.Sealed ? "no" : p.Allowlist.Count == 0 ? "yes, nothing is allowed" : $"yes, allowed: {string.Join(", ", p.Allowlist)}"));

    private static string Share(double share) => share.ToString("0.##%", CultureInfo.InvariantCulture);

    private static string Tenants(string retention, IReadOnlyDictionary<string, string> tenants) => tenants.Count == 0 ? retention : $"{retention}; {Pairs(tenants)}";

    private static string Pairs(IReadOnlyDictionary<string, string> pairs) => string.Join(", ", pairs.Select(p => $"{p.Key} {p.Value}"));
}
