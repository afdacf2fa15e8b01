using StellaOps.Telemetry.Profiles.Model;
using StellaOps.Telemetry.Profiles.Rendering.Yaml;

namespace StellaOps.Telemetry.Profiles.Rendering.Stores;

/// <summary>
/// Loki in one process, and its overrides by tenant, which it reads again while it runs. What an override leaves out is as in <c>limits_config</c>.
/// </summary>
internal static class LokiRenderer
{
    /// <summary>The version that this is written for.</summary>
    public const string Version = "3.5.0";

    public const string OverridesFile = "loki-overrides.yaml";

    private const string Folder = "/var/lib/loki";

    /// <summary>Loki deletes by days, and nothing that is younger than one.</summary>
    private static readonly TimeSpan s_shortest = TimeSpan.FromDays(1);

    public static IEnumerable<RenderedFile> Render(Profile profile, LokiStorage storage)
    {
        var header = $"Rendered from profile {profile.Name} for Loki {Version}. Change the profile, not this file.";
        var overrides = new YamlMap();
        foreach (var (tenant, limits) in storage.Tenants.OrderBy(t => t.Key, StringComparer.Ordinal))
        {
            overrides.Add(tenant, Tenant(limits));
        }

        yield return RenderedFile.Yaml(OverridesFile, YamlWriter.Write(new YamlMap { { "overrides", overrides } }, [header]));
        yield return RenderedFile.Yaml("loki.yaml", YamlWriter.Write(Configuration(profile, storage), [header]));
    }

    private static YamlMap Configuration(Profile profile, LokiStorage storage) => new()
    {
        // The gateway names the tenant of every request.
        { "auth_enabled", true },
        { "server", new YamlMap { { "http_listen_address", "127.0.0.1" }, { "http_listen_port", 3100 }, { "grpc_listen_address", "127.0.0.1" }, { "grpc_listen_port", 9096 } } },
        {
            "common", new YamlMap
            {
                { "instance_addr", "127.0.0.1" },
                { "path_prefix", Folder },
                { "replication_factor", 1 },
                { "ring", new YamlMap { { "kvstore", new YamlMap { { "store", "inmemory" } } } } },
                { "storage", new YamlMap { { "filesystem", new YamlMap { { "chunks_directory", Folder + "/chunks" }, { "rules_directory", Folder + "/rules" } } } } },
            }
        },
        {
            "schema_config", new YamlMap
            {
                {
                    "configs", (YamlMap[])
                    [
                        new YamlMap
                        {
                            { "from", "2024-04-01" },
                            { "store", "tsdb" },
                            { "object_store", "filesystem" },
                            { "schema", "v13" },
                            { "index", new YamlMap { { "prefix", "index_" }, { "period", "24h" } } },
                        },
                    ]
                },
            }
        },
        { "compactor", new YamlMap { { "working_directory", Folder + "/compactor" }, { "retention_enabled", true }, { "delete_request_store", "filesystem" } } },
        {
            "limits_config", new YamlMap
            {
                { "retention_period", Retention(storage.Retention) },
                { "allow_structured_metadata", true },

                // An exporter that catches up sends what is as old as its target was gone; what Loki would delete at once it may refuse.
                { "reject_old_samples", true },
                { "reject_old_samples_max_age", Retention(storage.Retention) },
            }
        },
        { "runtime_config", new YamlMap { { "file", OverridesFile }, { "period", "10s" } } },

        // Loki tells its makers how it is used, unless it is told not to.
        { "analytics", new YamlMap { { "reporting_enabled", false } } },
    };

    private static YamlMap Tenant(LokiTenant tenant) => new()
    {
        { "retention_period", tenant.Retention is { } retention ? Retention(retention) : null },
        { "reject_old_samples_max_age", tenant.Retention is { } age ? Retention(age) : null },
        { "ingestion_rate_mb", tenant.IngestionRate is { } rate ? Megabytes(rate) : null },

        // A push in one piece has to fit.
        { "ingestion_burst_size_mb", tenant.IngestionRate is { } burst ? Math.Max(6, Megabytes(burst) * 1.5) : null },
    };

    private static string Retention(TimeSpan retention) => Amounts.Days(retention < s_shortest ? s_shortest : retention);

    /// <summary>Loki's are of 2^20 bytes.</summary>
    private static double Megabytes(long bytes) => bytes / (double)(1 << 20);
}
