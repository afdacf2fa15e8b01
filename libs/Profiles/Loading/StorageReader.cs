using StellaOps.Telemetry.Profiles.Model;

namespace StellaOps.Telemetry.Profiles.Loading;

/// <summary><c>spec.storage</c>.</summary>
internal static class StorageReader
{
    private const string DurationForm = "a duration such as 15d";

    public static StorageProfile? Read(YamlSection spec, string key)
    {
        if (spec.Find(key) is null)
        {
            return null;
        }

        var storage = spec.Section(key);
        var result = new StorageProfile(
            Prometheus(storage.Section("prometheus")),
            Loki(storage.Section("loki")),
            Tempo(storage.Section("tempo")),
            Alertmanager(storage.Section("alertmanager")));
        storage.Done();
        return result;
    }

    private static PrometheusStorage Prometheus(YamlSection section)
    {
        var standard = PrometheusStorage.Default;
        var result = new PrometheusStorage(
            section.Read("retention", Scalars.Duration, DurationForm, standard.Retention),
            section.Buffer("max_bytes", standard.MaxBytes, Scalars.MaxDisk),
            section.Read("front_door", Scalars.Flag, "true or false", standard.FrontDoor),
            Url(section, "url"));
        section.Done();
        return result;
    }

    private static LokiStorage Loki(YamlSection section)
    {
        var result = new LokiStorage(
            section.Read("retention", Scalars.Duration, DurationForm, LokiStorage.Default.Retention),
            TenantSections.Read(section, tenant => new LokiTenant(
                tenant.Optional<TimeSpan>("retention", Scalars.Duration, DurationForm),
                tenant.Optional<long>("ingestion_rate", Scalars.Size, "a size such as 8MiB, of each second"))));
        section.Done();
        return result;
    }

    private static TempoStorage Tempo(YamlSection section)
    {
        var result = new TempoStorage(
            section.Read("retention", Scalars.Duration, DurationForm, TempoStorage.Default.Retention),
            TenantSections.Read(section, tenant => new TempoTenant(
                tenant.Optional<TimeSpan>("retention", Scalars.Duration, DurationForm),
                tenant.Optional<int>("max_traces", Scalars.Count, "a whole number above 0"))));
        section.Done();
        return result;
    }

    private static AlertmanagerStorage Alertmanager(YamlSection section)
    {
        var token = section.Read("webhook_token_file", Scalars.UnixPath, "an absolute path such as /run/secrets/webhook", "");
        var result = new AlertmanagerStorage(Url(section, "webhook"), token.Length == 0 ? null : token);
        if (result.Webhook is null && result.WebhookTokenFile is not null)
        {
            section.Conflict("webhook_token_file", "stands alone", "write webhook as well, or remove it: nobody would be shown the token");
        }

        section.Done();
        return result;
    }

    private static Uri? Url(YamlSection section, string key) =>
        section.Find(key) is null ? null : section.Read(key, Scalars.HttpUrl, "a URL such as http://127.0.0.1:9090", new Uri("http://127.0.0.1"));
}
