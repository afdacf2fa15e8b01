using StellaOps.Telemetry.Profiles.Model;
using StellaOps.Telemetry.Profiles.Validation;

namespace StellaOps.Telemetry.Profiles.Diffing;

/// <summary><c>spec.storage</c>: how long stores keep what they get, and whom Alertmanager tells.</summary>
internal static class StorageDiff
{
    private const string Path = "spec.storage";

    public static void Add(ChangeList changes, StorageProfile? was, StorageProfile? now)
    {
        if (was is null || now is null)
        {
            Whole(changes, was, now);
            return;
        }

        Prometheus(changes, was.Prometheus, now.Prometheus);
        Retention(changes, "loki", was.Loki.Retention, now.Loki.Retention);
        Tenants(changes, "loki", Retentions(was.Loki), Retentions(now.Loki));
        foreach (var (tenant, before, after) in Both(was.Loki.Tenants, now.Loki.Tenants))
        {
            changes.Limit($"{Path}.loki.tenants.{tenant}.ingestion_rate", $"Loki takes of tenant '{tenant}' in a second", before?.IngestionRate, after?.IngestionRate, Words.Size);
        }

        Retention(changes, "tempo", was.Tempo.Retention, now.Tempo.Retention);
        Tenants(changes, "tempo", Retentions(was.Tempo), Retentions(now.Tempo));
        foreach (var (tenant, before, after) in Both(was.Tempo.Tenants, now.Tempo.Tenants))
        {
            changes.Limit<long>($"{Path}.tempo.tenants.{tenant}.max_traces", $"Tempo's open traces of tenant '{tenant}'", before?.MaxTraces, after?.MaxTraces, Words.Number);
        }

        Webhook(changes, was.Alertmanager.Webhook, now.Alertmanager.Webhook);
        changes.Value(
            Path + ".alertmanager.webhook_token_file", "token that Alertmanager shows", was.Alertmanager.WebhookTokenFile, now.Alertmanager.WebhookTokenFile, ChangeRisk.Harmless);
    }

    private static void Whole(ChangeList changes, StorageProfile? was, StorageProfile? now)
    {
        if (now is not null)
        {
            changes.Add(Path, null, null, ChangeRisk.Harmless, "the stores are configured by this profile");
            Webhook(changes, null, now.Alertmanager.Webhook);
        }
        else if (was is not null)
        {
            changes.Add(Path, null, null, ChangeRisk.Harmless, "the stores are no longer configured by this profile: they stay as they are");
        }
    }

    private static void Prometheus(ChangeList changes, PrometheusStorage was, PrometheusStorage now)
    {
        Retention(changes, "prometheus", was.Retention, now.Retention);
        changes.Fall(Path + ".prometheus.max_bytes", "Prometheus holds", was.MaxBytes, now.MaxBytes, Words.Size, ChangeRisk.ShortensRetention, ChangeRisk.RaisesLimit);
        changes.Value(
            Path + ".prometheus.front_door", "front door of Prometheus", Words.Of(was.FrontDoor), Words.Of(now.FrontDoor),
            was.FrontDoor ? ChangeRisk.WeakensIsolation : ChangeRisk.Harmless);
        changes.Value(
            Path + ".prometheus.url", "Prometheus listens on", was.Url is null ? null : Words.Of(was.Url), now.Url is null ? null : Words.Of(now.Url),
            now.Url is { } url && !ListenerRules.IsLoopback(url) && url.Host != was.Url?.Host ? ChangeRisk.OpensListener : ChangeRisk.Harmless);
    }

    private static void Retention(ChangeList changes, string store, TimeSpan was, TimeSpan now) =>
        changes.Fall($"{Path}.{store}.retention", $"{store} keeps", was, now, Words.Of, ChangeRisk.ShortensRetention);

    /// <summary>A tenant without a retention of its own has that of everybody: only what it comes to counts.</summary>
    private static void Tenants(ChangeList changes, string store, (TimeSpan All, IReadOnlyDictionary<string, TimeSpan> Own) was, (TimeSpan All, IReadOnlyDictionary<string, TimeSpan> Own) now)
    {
        foreach (var tenant in was.Own.Keys.Union(now.Own.Keys).Order(StringComparer.Ordinal))
        {
            changes.Fall(
                $"{Path}.{store}.tenants.{tenant}.retention", $"{store} keeps of tenant '{tenant}'",
                was.Own.GetValueOrDefault(tenant, was.All), now.Own.GetValueOrDefault(tenant, now.All), Words.Of, ChangeRisk.ShortensRetention);
        }
    }

    private static (TimeSpan All, IReadOnlyDictionary<string, TimeSpan> Own) Retentions(LokiStorage loki) =>
        (loki.Retention, loki.Tenants.Where(t => t.Value.Retention is not null).ToDictionary(t => t.Key, t => t.Value.Retention!.Value));

    private static (TimeSpan All, IReadOnlyDictionary<string, TimeSpan> Own) Retentions(TempoStorage tempo) =>
        (tempo.Retention, tempo.Tenants.Where(t => t.Value.Retention is not null).ToDictionary(t => t.Key, t => t.Value.Retention!.Value));

    private static IEnumerable<(string Tenant, T? Before, T? After)> Both<T>(IReadOnlyDictionary<string, T> was, IReadOnlyDictionary<string, T> now)
        where T : class =>
        was.Keys.Union(now.Keys).Order(StringComparer.Ordinal).Select(t => (t, was.GetValueOrDefault(t), now.GetValueOrDefault(t)));

    private static void Webhook(ChangeList changes, Uri? was, Uri? now)
    {
        var opens = now is not null && !ListenerRules.IsLoopback(now) && (was is null || Words.Host(was) != Words.Host(now));
        changes.Value(
            Path + ".alertmanager.webhook", "Alertmanager tells", was is null ? null : Words.Of(was), now is null ? null : Words.Of(now),
            opens ? ChangeRisk.OpensEgress : now is null ? ChangeRisk.StopsExport : ChangeRisk.Harmless);
    }
}
