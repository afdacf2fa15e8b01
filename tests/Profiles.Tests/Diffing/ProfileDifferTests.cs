using StellaOps.Telemetry.Profiles.Diffing;
using StellaOps.Telemetry.Profiles.Resolving;
using StellaOps.Telemetry.Profiles.Tests.TestServices;

namespace StellaOps.Telemetry.Profiles.Tests.Diffing;

public sealed class ProfileDifferTests
{
    [Theory]
    [InlineData("default")]
    [InlineData("forensic")]
    [InlineData("airgap")]
    public void Diff_Itself_IsNothing(string name) => Assert.Empty(ProfileDiffer.Diff(Documents.Shipped(name), Documents.Shipped(name)));

    [Theory]
    [InlineData("durability: fsync", "durability: write", "weakens-durability: durability fsync -> write")]
    [InlineData("durability: write", "durability: fsync", "harmless: durability write -> fsync")]
    [InlineData("environment: production", "environment: development", "raises-limit: environment production -> development")]
    [InlineData("recorder: { max_age: 1h }", "recorder: { max_age: 30m }", "shortens-lookback: the recorder reaches back 1h -> 30m")]
    [InlineData("recorder: { max_bytes: 2GiB }", "recorder: { max_bytes: 4GiB }", "raises-limit: the recorder holds 2GiB -> 4GiB")]
    [InlineData("recorder: { max_bytes: 4GiB }", "recorder: { max_bytes: 2GiB }", "shortens-lookback: the recorder holds 4GiB -> 2GiB")]
    [InlineData("recorder: { tenant_share: 0.3 }", "recorder: { tenant_share: 0.7 }", "weakens-isolation: one tenant may hold of the recorder 30 % -> 70 %")]
    [InlineData("incident: { sampling_rate: 1 }", "incident: { sampling_rate: 0.29 }", "lowers-sampling: an incident keeps 100 % -> 29 %")]
    [InlineData("incident: { lookback: 15m }", "incident: { lookback: 5m }", "shortens-lookback: an incident reaches back 15m -> 5m")]
    [InlineData("incident: { ceiling: 24h }", "incident: { ceiling: 48h }", "raises-limit: the longest incident 1d -> 2d")]
    [InlineData("retention: [{ tier: sampled, keep: 14d }]", "retention: [{ tier: sampled, keep: 7d }]", "shortens-retention: tier 'sampled' is kept 14d -> 7d")]
    [InlineData("retention: [{ tier: a, keep: 1d }, { tier: b, keep: 2d }]", "retention: [{ tier: b, keep: 2d }]", "raises-limit: tier 'a', kept 1d, is kept for ever")]
    [InlineData("retention: [{ tier: b, keep: 2d }]", "retention: [{ tier: a, keep: 1d }, { tier: b, keep: 2d }]", "shortens-retention: tier 'a', kept for ever, is kept 1d")]
    [InlineData("retention: [{ tier: a, keep: 9d, warm_after: 1d }]", "retention: [{ tier: a, keep: 9d, warm_after: 2d }]", "harmless: tier 'a' is hot 1d -> 2d")]
    [InlineData("retention: [{ tier: a, keep: 9d }]", "retention: [{ tier: a, keep: 9d, max_bytes: 1GiB }]", "shortens-retention: tier 'a' holds of a tenant without a bound -> 1GiB")]
    [InlineData("retention: [{ tier: a, keep: 9d, max_bytes: 1GiB }]", "retention: [{ tier: a, keep: 9d, max_bytes: 2GiB }]", "raises-limit: tier 'a' holds of a tenant 1GiB -> 2GiB")]
    [InlineData("retention: [{ tier: a, keep: 9d }]", "retention: [{ tier: a, keep: 9d, signals: { logs: { keep: 3d } } }]", "shortens-retention: tier 'a', logs: kept 9d -> 3d")]
    [InlineData("retention: [{ tier: a, keep: 9d }]", "retention: [{ tier: a, keep: 9d, tenants: { acme: { keep: 3d } } }]", "shortens-retention: tier 'a', tenant 'acme': kept 9d -> 3d")]
    [InlineData("retention: [{ tier: a, keep: 9d, tenants: { acme: { keep: 9d, signals: { traces: { max_bytes: 2GiB } } } } }]", "retention: [{ tier: a, keep: 9d, tenants: { acme: { signals: { traces: { max_bytes: 1GiB } } } } }]", "shortens-retention: tier 'a', traces of tenant 'acme': held 2GiB -> 1GiB")]
    [InlineData("retention: [{ tier: a, keep: 1d }, { tier: b, keep: 2d }]", "retention: [{ tier: b, keep: 2d }, { tier: a, keep: 1d }]", null)]
    [InlineData("multi_tenant: false", "multi_tenant: true\nstorage: { prometheus: { front_door: true } }", "harmless: multi_tenant false -> true", "harmless: front door of Prometheus false -> true")]
    [InlineData("sealed: { enabled: true }\ndurability: fsync", "sealed: { enabled: false }\ndurability: fsync", "disables-sealed-mode: sealed mode true -> false")]
    [InlineData("sealed: { enabled: true }\ndurability: fsync", "sealed: { enabled: true, allowlist: [tempo.internal] }\ndurability: fsync", "opens-egress: the allowlist gains tempo.internal")]
    [InlineData("durability: fsync", "sealed: { enabled: true, allowlist: [tempo.internal] }\ndurability: fsync", "harmless: sealed mode false -> true", "harmless: the allowlist gains tempo.internal")]
    [InlineData("sealed: { allowlist: [a] }", "sealed: { allowlist: [b] }", "harmless: the allowlist gains b", "harmless: the allowlist loses a")]
    public void Diff_Gateway_IsNamedWithItsRisk(string before, string after, params string?[]? changes) => AssertDiff(before, after, changes);

    [Theory]
    [InlineData("limits: { max_request: 1MiB }", "limits: { max_request: 2MiB }", "raises-limit: max_request 1MiB -> 2MiB")]
    [InlineData("limits: { max_depth: 32 }", "limits: { max_depth: 16 }", "harmless: max_depth 32 -> 16")]
    [InlineData("quotas: { records_per_second: 10 }", "quotas: {}", "raises-limit: quota: records in a second 10 -> none")]
    [InlineData("quotas: {}", "quotas: { records_per_second: 10 }", "harmless: quota: records in a second none -> 10")]
    [InlineData("quotas: { bytes_per_second: 1MiB }", "quotas: { bytes_per_second: 1MiB, tenants: { acme: { bytes_per_second: 2MiB } } }", "raises-limit: quota of tenant 'acme': bytes in a second 1MiB -> 2MiB")]
    [InlineData("quotas: { bytes_per_second: 1MiB }", "quotas: { bytes_per_second: 1MiB, tenants: { acme: { bytes_per_second: 1MiB } } }", null)]
    [InlineData("listeners: { grpc: 'http://127.0.0.1:4317' }", "listeners: { grpc: 'http://127.0.0.1:5317' }", "harmless: listener grpc http://127.0.0.1:4317 -> http://127.0.0.1:5317")]
    [InlineData("tls: { cert_file: a, key_file: b }", "tls: { cert_file: a, key_file: b }\n  listeners: { grpc: 'https://0.0.0.0:4317' }", "opens-listener: listener grpc http://127.0.0.1:4317 -> https://0.0.0.0:4317")]
    [InlineData("tls: { cert_file: a, key_file: b, min_version: '1.3' }", "tls: { cert_file: a, key_file: b, min_version: '1.2' }", "weakens-transport: lowest version of TLS 1.3 -> 1.2")]
    [InlineData("tls: { cert_file: a, key_file: b, client_ca_file: c, client_auth: require }", "tls: { cert_file: a, key_file: b, client_ca_file: c, client_auth: optional }", "weakens-transport: client_auth require -> optional")]
    [InlineData("tls: { cert_file: a, key_file: b, client_ca_file: c }", "tls: { cert_file: a, key_file: b, client_ca_file: d }", "changes-trust: authorities of senders c -> d")]
    [InlineData("tls: { cert_file: a, key_file: b }", "limits: {}", "weakens-transport: TLS of the listeners a -> none")]
    public void Diff_Ingest_IsNamedWithItsRisk(string before, string after, params string?[]? changes) =>
        AssertDiff($"ingest:\n  {before}", $"ingest:\n  {after}", changes);

    [Theory]
    [InlineData("prometheus: { retention: 15d }", "prometheus: { retention: 10d }", "shortens-retention: prometheus keeps 15d -> 10d")]
    [InlineData("prometheus: { max_bytes: 50GiB }", "prometheus: { max_bytes: 20GiB }", "shortens-retention: Prometheus holds 50GiB -> 20GiB")]
    [InlineData("prometheus: { front_door: true }", "prometheus: { front_door: false }", "weakens-isolation: front door of Prometheus true -> false")]
    [InlineData("prometheus: {}", "prometheus: { url: 'http://10.0.0.1:9090' }", "opens-listener: Prometheus listens on none -> http://10.0.0.1:9090")]
    [InlineData("loki: { retention: 14d }", "loki: { retention: 7d }", "shortens-retention: loki keeps 14d -> 7d")]
    [InlineData("loki: { retention: 14d, tenants: { acme: { retention: 30d } } }", "loki: { retention: 14d }", "shortens-retention: loki keeps of tenant 'acme' 30d -> 14d")]
    [InlineData("loki: { retention: 14d, tenants: { acme: { retention: 14d } } }", "loki: { retention: 14d }", null)]
    [InlineData("loki: { tenants: { acme: { ingestion_rate: 8MiB } } }", "loki: { tenants: { acme: { ingestion_rate: 16MiB } } }", "raises-limit: Loki takes of tenant 'acme' in a second 8MiB -> 16MiB")]
    [InlineData("tempo: { tenants: { acme: { max_traces: 10 } } }", "tempo: { tenants: { acme: { retention: 1d, max_traces: 10 } } }", "shortens-retention: tempo keeps of tenant 'acme' 14d -> 1d")]
    [InlineData("alertmanager: {}", "alertmanager: { webhook: 'https://hooks.example.org/x' }", "opens-egress: Alertmanager tells none -> https://hooks.example.org/x")]
    [InlineData("alertmanager: { webhook: 'https://hooks.example.org/x' }", "alertmanager: {}", "stops-export: Alertmanager tells https://hooks.example.org/x -> none")]
    [InlineData("alertmanager: {}", "alertmanager: { webhook: 'http://127.0.0.1:4322/x' }", "harmless: Alertmanager tells none -> http://127.0.0.1:4322/x")]
    public void Diff_Storage_IsNamedWithItsRisk(string before, string after, params string?[]? changes)
    {
        // Limits of tenants are lawful where there are several.
        var several = (before + after).Contains("tenants", StringComparison.Ordinal) ? "multi_tenant: true\nstorage: { prometheus: { front_door: true }, " : "storage: { ";
        AssertDiff($"{several}{before} }}", $"{several}{after} }}", changes);
    }

    [Theory]
    [InlineData("queue_bytes: 4GiB", "queue_bytes: 1GiB", "weakens-durability: queue of edge Collectors 4GiB -> 1GiB")]
    [InlineData("memory_limit: 512MiB", "memory_limit: 1GiB", "raises-limit: memory of edge Collectors 512MiB -> 1GiB")]
    [InlineData("ca_file: /a.crt", "ca_file: /b.crt", "changes-trust: authorities that edge Collectors trust /a.crt -> /b.crt")]
    [InlineData("gateway: 'https://a.example.org'", "gateway: 'https://b.example.org'", "opens-egress: edge Collectors send to https://a.example.org -> https://b.example.org")]
    [InlineData("processors: [memory_limiter, resourcedetection, redaction]", "processors: [memory_limiter, redaction]", "harmless: edge Collectors no longer have resourcedetection")]
    public void Diff_Edge_IsNamedWithItsRisk(string before, string after, params string?[]? changes) => AssertDiff(Edge(before), Edge(after), changes);

    [Fact]
    public void Diff_EdgeThatComesOrGoes_IsOneChange()
    {
        AssertDiff("durability: write", Edge("queue_bytes: 4GiB"), "opens-egress: edge Collectors are configured: they send to gateway.example.org:443");
        AssertDiff(Edge("queue_bytes: 4GiB"), "durability: write", "stops-export: edge Collectors are no longer configured");
    }

    [Fact]
    public void Diff_Shipped_IsInTheOrderOfAProfile()
    {
        var changes = ProfileDiffer.Diff(Documents.Shipped("forensic"), Documents.Shipped("default"));

        Assert.Contains(changes, c => c is { Path: "spec.durability", Before: "fsync", After: "write", Risk: ChangeRisk.WeakensDurability });
        Assert.Contains(changes, c => c.Text == "sampling policy 'baseline' keeps 50 % -> 10 %");
        Assert.Equal(ChangeRisk.WeakensDurability, ProfileDiffer.HighestRisk(changes));
        Assert.Equal("metadata.name", changes[0].Path);
    }

    [Fact]
    public void Diff_WhatIsNoProfile_IsRefused()
    {
        var broken = ProfileResolver.Resolve(new Documents { ["broken.yaml"] = "a: b" }, "broken", null);

        Assert.Throws<ArgumentException>("after", () => ProfileDiffer.Diff(Documents.Shipped("default"), broken));
    }

    [Fact]
    public void HighestRisk_OfNothing_IsNone() => Assert.Null(ProfileDiffer.HighestRisk([]));

    internal static void AssertDiff(string before, string after, params string?[]? changes) => Assert.Equal(
        (changes ?? []).OfType<string>(), ProfileDiffer.Diff(Documents.Mine(before), Documents.Mine(after)).Select(c => $"{ChangeRisks.Name(c.Risk)}: {c.Text}"));

    private static string Edge(string setting)
    {
        var settings = new Dictionary<string, string> { ["gateway"] = "'https://gateway.example.org'", ["cert_file"] = "/tls.crt", ["key_file"] = "/tls.key", ["ca_file"] = "/ca.crt" };
        var at = setting.IndexOf(':', StringComparison.Ordinal);
        settings[setting[..at]] = setting[(at + 1)..].Trim();
        return "edge:\n" + string.Join('\n', settings.Select(s => $"  {s.Key}: {s.Value}"));
    }
}
