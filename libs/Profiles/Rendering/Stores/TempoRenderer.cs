using StellaOps.Telemetry.Profiles.Model;
using StellaOps.Telemetry.Profiles.Rendering.Yaml;

namespace StellaOps.Telemetry.Profiles.Rendering.Stores;

/// <summary>
/// Tempo in one process, and its overrides by tenant. A tenant that has an entry gets nothing from <c>overrides.defaults</c>: what its entry leaves
/// out is zero, which means unlimited here and switched off there. So every entry is the whole set of defaults with the tenant's own on top.
/// </summary>
internal static class TempoRenderer
{
    /// <summary>The version that this is written for, and whose defaults <see cref="Limits"/> spells.</summary>
    public const string Version = "2.9.0";

    public const string OverridesFile = "tempo-overrides.yaml";

    private const string Folder = "/var/lib/tempo";

    public static IEnumerable<RenderedFile> Render(Profile profile, TempoStorage storage)
    {
        var header = $"Rendered from profile {profile.Name} for Tempo {Version}. Change the profile, not this file.";
        var overrides = new YamlMap();
        foreach (var (tenant, limits) in storage.Tenants.OrderBy(t => t.Key, StringComparer.Ordinal))
        {
            overrides.Add(tenant, Limits(limits.Retention ?? storage.Retention, limits.MaxTraces));
        }

        yield return RenderedFile.Yaml(OverridesFile, YamlWriter.Write(
            new YamlMap { { "overrides", overrides } },
            [header, "An entry replaces the defaults as a whole: what it left out would be zero. So each spells every one of them."]));
        yield return RenderedFile.Yaml("tempo.yaml", YamlWriter.Write(Configuration(storage), [header]));
    }

    private static YamlMap Configuration(TempoStorage storage) => new()
    {
        // The gateway names the tenant of every request.
        { "multitenancy_enabled", true },
        { "server", new YamlMap { { "http_listen_address", "127.0.0.1" }, { "http_listen_port", 3200 }, { "grpc_listen_address", "127.0.0.1" }, { "grpc_listen_port", 9095 } } },
        {
            // Beside the gateway, which has 4317 and 4318.
            "distributor", new YamlMap
            {
                {
                    "receivers", new YamlMap
                    {
                        {
                            "otlp", new YamlMap
                            {
                                { "protocols", new YamlMap { { "grpc", Endpoint("127.0.0.1:4327") }, { "http", Endpoint("127.0.0.1:4328") } } },
                            }
                        },
                    }
                },
            }
        },
        { "compactor", new YamlMap { { "compaction", new YamlMap { { "block_retention", Amounts.Hours(storage.Retention) } } } } },
        {
            "storage", new YamlMap
            {
                {
                    "trace", new YamlMap
                    {
                        { "backend", "local" },
                        { "wal", new YamlMap { { "path", Folder + "/wal" } } },
                        { "local", new YamlMap { { "path", Folder + "/blocks" } } },
                    }
                },
            }
        },
        {
            "overrides", new YamlMap
            {
                { "defaults", Limits(storage.Retention, null) },
                { "per_tenant_override_config", OverridesFile },
                { "per_tenant_override_period", "10s" },
            }
        },

        // Tempo tells its makers how it is used, unless it is told not to.
        { "usage_report", new YamlMap { { "reporting_enabled", false } } },
    };

    private static YamlMap Endpoint(string address) => new() { { "endpoint", address } };

    /// <summary>Every limit that has a default other than zero, and those that are ours.</summary>
    private static YamlMap Limits(TimeSpan retention, int? maxTraces) => new()
    {
        {
            "ingestion", new YamlMap
            {
                { "rate_strategy", "local" },
                { "rate_limit_bytes", 15_000_000 },
                { "burst_size_bytes", 20_000_000 },
                { "max_traces_per_user", maxTraces ?? 10_000 },
                { "max_global_traces_per_user", 0 },
                { "tenant_shard_size", 0 },
                { "max_attribute_bytes", 0 },
            }
        },
        {
            "read", new YamlMap
            {
                { "max_bytes_per_tag_values_query", 1_000_000 },
                { "max_blocks_per_tag_values_query", 0 },
                { "max_search_duration", "0s" },
                { "max_metrics_duration", "0s" },
                { "unsafe_query_hints", false },
            }
        },
        { "compaction", new YamlMap { { "block_retention", Amounts.Hours(retention) }, { "compaction_window", "0s" }, { "compaction_disabled", false } } },
        {
            "metrics_generator", new YamlMap
            {
                { "generate_native_histograms", "classic" },
                { "ingestion_time_range_slack", "0s" },
                { "native_histogram_bucket_factor", 1.1 },
                { "native_histogram_max_bucket_number", 100 },
                { "native_histogram_min_reset_duration", "15m" },
            }
        },
        { "global", new YamlMap { { "max_bytes_per_trace", 5_000_000 } } },
    };
}
