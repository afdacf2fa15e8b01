using System.Globalization;
using StellaOps.Telemetry.Profiles.Model;
using StellaOps.Telemetry.Profiles.Rendering.Yaml;

namespace StellaOps.Telemetry.Profiles.Rendering.Stores;

/// <summary>
/// Prometheus. Retention stands in the arguments: the configuration file takes it since 3.11 alone, and the versions that distributions carry refuse
/// a file that names it.
/// </summary>
internal static class PrometheusRenderer
{
    /// <summary>The version that this is written for; the file is also good for 2.42, the arguments want 3.0.</summary>
    public const string Version = "3.5.0";

    public static IEnumerable<RenderedFile> Render(Profile profile, PrometheusStorage storage)
    {
        yield return RenderedFile.Arguments("prometheus.args", Arguments(storage));
        yield return RenderedFile.Yaml("prometheus.yaml", YamlWriter.Write(
            new YamlMap
            {
                { "global", new YamlMap { { "scrape_interval", "15s" }, { "evaluation_interval", "15s" } } },

                // What arrives late is the rule here: the recorder replays, and an exporter catches up.
                { "storage", new YamlMap { { "tsdb", new YamlMap { { "out_of_order_time_window", Amounts.Days(profile.Recorder.MaxAge) } } } } },
                { "rule_files", (string[])["rules/*.yaml"] },
                { "alerting", new YamlMap { { "alertmanagers", (YamlMap[])[Targets(AlertmanagerRenderer.Address)] } } },
                {
                    "scrape_configs", (YamlMap[])
                    [
                        new YamlMap { { "job_name", "prometheus" }, { "static_configs", (YamlMap[])[Static(Address(storage))] } },
                        new YamlMap { { "job_name", "alertmanager" }, { "static_configs", (YamlMap[])[Static(AlertmanagerRenderer.Address)] } },
                    ]
                },
            },
            [$"Rendered from profile {profile.Name} for Prometheus {Version}. Change the profile, not this file."]));
    }

    private static IEnumerable<string> Arguments(PrometheusStorage storage) =>
    [
        "--config.file=prometheus.yaml",
        $"--storage.tsdb.retention.time={Amounts.Days(storage.Retention)}",

        // Powers of two, as ours.
        string.Create(CultureInfo.InvariantCulture, $"--storage.tsdb.retention.size={storage.MaxBytes}B"),
        $"--web.listen-address={Address(storage)}",
        "--web.enable-otlp-receiver",
    ];

    private static string Address(PrometheusStorage storage) =>
        storage.Url is { } url ? string.Create(CultureInfo.InvariantCulture, $"{url.Host}:{url.Port}") : "127.0.0.1:9090";

    private static YamlMap Targets(string address) => new() { { "static_configs", (YamlMap[])[Static(address)] } };

    private static YamlMap Static(string address) => new() { { "targets", (string[])[address] } };
}
