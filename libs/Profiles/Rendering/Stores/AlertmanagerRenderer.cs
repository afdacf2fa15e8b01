using StellaOps.Telemetry.Profiles.Model;
using StellaOps.Telemetry.Profiles.Rendering.Yaml;

namespace StellaOps.Telemetry.Profiles.Rendering.Stores;

/// <summary>Alertmanager: one receiver, the incident service's hook, which knows whom to tell. Silences and the log of notifications are kept as long as metrics are.</summary>
internal static class AlertmanagerRenderer
{
    /// <summary>The version that this is written for.</summary>
    public const string Version = "0.28.0";

    /// <summary>Where it listens.</summary>
    public const string Address = "127.0.0.1:9093";

    private const string Receiver = "incidents";

    public static IEnumerable<RenderedFile> Render(Profile profile, StorageProfile storage)
    {
        yield return RenderedFile.Arguments(
            "alertmanager.args",
            "--config.file=alertmanager.yaml",
            $"--data.retention={Amounts.Hours(storage.Prometheus.Retention)}",
            $"--web.listen-address={Address}",
            "--cluster.listen-address=");
        yield return RenderedFile.Yaml("alertmanager.yaml", YamlWriter.Write(
            new YamlMap
            {
                {
                    "route", new YamlMap
                    {
                        { "receiver", Receiver },

                        // One incident for one service of one tenant.
                        { "group_by", (string[])["alertname", "tenant", "service"] },
                        { "group_wait", "10s" },
                        { "group_interval", "1m" },
                        { "repeat_interval", "1h" },
                    }
                },
                { "receivers", (YamlMap[])[ReceiverOf(storage.Alertmanager)] },
            },
            [$"Rendered from profile {profile.Name} for Alertmanager {Version}. Change the profile, not this file."]));
    }

    private static YamlMap ReceiverOf(AlertmanagerStorage storage) => new()
    {
        { "name", Receiver },
        { "webhook_configs", storage.Webhook is { } url ? (YamlMap[])[Webhook(url, storage.WebhookTokenFile)] : null },
    };

    private static YamlMap Webhook(Uri url, string? tokenFile) => new()
    {
        { "url", url.AbsoluteUri },

        // What is resolved ends the incident.
        { "send_resolved", true },
        {
            "http_config", new YamlMap
            {
                { "follow_redirects", false },
                { "authorization", tokenFile is null ? null : new YamlMap { { "type", "Bearer" }, { "credentials_file", tokenFile } } },
            }
        },
    };
}
