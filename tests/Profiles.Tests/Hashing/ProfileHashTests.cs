using System.Text;
using StellaOps.Telemetry.Profiles.Gateway;
using StellaOps.Telemetry.Profiles.Hashing;

namespace StellaOps.Telemetry.Profiles.Tests.Hashing;

public sealed class ProfileHashTests
{
    [Fact]
    public void Canonical_Minimal_IsTheseBytes()
    {
        var profile = ProfileTexts.Load(ProfileTexts.Minimal).Profile!;

        Assert.Equal(
            """
            {"apiVersion":"telemetry.stella-ops.org/v1","durability":"write","environment":"development","exporters":[],"incident":{"ceiling":"86400000000000","cooldown":"300000000000","lookback":"900000000000","samplingRate":1},"ingest":{"grpc":"http://127.0.0.1:4317/","http":"http://127.0.0.1:4318/","maxDecompressed":67108864,"maxDepth":32,"maxRecords":100000,"maxRequest":16777216,"quotas":{"default":{"burst":"5000000000","bytesPerSecond":null,"recordsPerSecond":null},"tenants":{}},"tls":null},"name":"small","recorder":{"fileBytes":67108864,"maxAge":"900000000000","maxBytes":1073741824,"tenantShare":0.5},"redaction":"baseline","redactionPolicySha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","retention":[],"sampling":{"decisionWait":"5000000000","numTraces":50000,"policies":[{"name":"all","type":"always_sample"}]},"sealed":{"allowlist":[],"enabled":false}}
            """,
            Encoding.UTF8.GetString(ProfileHash.Canonical(profile, "")));
    }

    [Fact]
    public void Compute_LayoutAndComments_DoNotCount()
    {
        var a = ProfileTexts.Load(ProfileTexts.Minimal).Profile!;
        var b = ProfileTexts.Load(ProfileTexts.Minimal.Replace("durability: write", "durability:   write # said so", StringComparison.Ordinal) + "\n  recorder: { max_age: 900s }\n").Profile!;

        Assert.Equal(ProfileHash.Compute(a, "policy"), ProfileHash.Compute(b, "policy"));
    }

    [Fact]
    public void Compute_AnySetting_Counts()
    {
        string[] variants =
        [
            ProfileTexts.Minimal,
            ProfileTexts.Minimal.Replace("durability: write", "durability: fsync", StringComparison.Ordinal),
            ProfileTexts.Minimal + "\n  recorder: { max_age: 16m }",
            ProfileTexts.Minimal + "\n  sealed: { allowlist: [a] }",
            ProfileTexts.Minimal + "\n  ingest: { quotas: { records_per_second: 10 } }",
            ProfileTexts.Minimal + "\n  ingest: { quotas: { bytes_per_second: 10 } }",
            ProfileTexts.Minimal + "\n  ingest: { quotas: { tenants: { acme: { bytes_per_second: 10 } } } }",
            ProfileTexts.Minimal + "\n  ingest: { tls: { cert_file: a, key_file: b } }",
            ProfileTexts.Minimal + "\n  ingest: { tls: { cert_file: a, key_file: b, min_version: '1.3' } }",
            ProfileTexts.Minimal + "\n  ingest: { tls: { cert_file: a, key_file: b, client_ca_file: c, trust_domain: d } }",
            ProfileTexts.Minimal + "\n  ingest: { tls: { cert_file: a, key_file: b, client_ca_file: c, client_auth: optional, trust_domain: d } }",
            ProfileTexts.Minimal + "\n  exporters: [{ name: a, type: otlp, endpoint: 'http://x:1', headers: { k: v } }]",
            ProfileTexts.Minimal + "\n  exporters: [{ name: a, type: otlp, endpoint: 'http://x:1', headers: { k: w } }]",
            ProfileTexts.Minimal + "\n  recorder: { spill_bytes: 5GiB }",
            Head("{ rate: 0.1 }"),
            Head("{ services: { a: 0.1 } }"),
            Head("{ services: { b: 0.1 } }"),
            Head("{ tenants: { a: { rate: 0.1 } } }"),
            Head("{ tenants: { a: { services: { b: 0.1 } } } }"),
            ProfileTexts.Minimal + "\n  retention: [{ tier: a, keep: 2d }]",
            ProfileTexts.Minimal + "\n  retention: [{ tier: a, keep: 2d, warm_after: 1d }]",
            ProfileTexts.Minimal + "\n  retention: [{ tier: a, keep: 2d, max_bytes: 1GiB }]",
            ProfileTexts.Minimal + "\n  retention: [{ tier: a, keep: 2d, signals: { logs: { keep: 1d } } }]",
            ProfileTexts.Minimal + "\n  retention: [{ tier: a, keep: 2d, signals: { traces: { keep: 1d } } }]",
            ProfileTexts.Minimal + "\n  retention: [{ tier: a, keep: 2d, tenants: { acme: { keep: 1d } } }]",
            ProfileTexts.Minimal + "\n  retention: [{ tier: a, keep: 2d, tenants: { acme: { max_bytes: 1 } } }]",
            ProfileTexts.Minimal + "\n  retention: [{ tier: a, keep: 2d, tenants: { acme: { signals: { logs: { max_bytes: 1 } } } } }]",
            ProfileTexts.Minimal + "\n  multi_tenant: true",
            ProfileTexts.Minimal + "\n  storage: {}",
            ProfileTexts.Minimal + "\n  storage: { prometheus: { retention: 1d } }",
            ProfileTexts.Minimal + "\n  storage: { prometheus: { max_bytes: 1GiB } }",
            ProfileTexts.Minimal + "\n  storage: { prometheus: { front_door: true } }",
            ProfileTexts.Minimal + "\n  storage: { prometheus: { url: 'http://p' } }",
            ProfileTexts.Minimal + "\n  storage: { loki: { retention: 1d } }",
            ProfileTexts.Minimal + "\n  storage: { tempo: { retention: 1d } }",
            ProfileTexts.Minimal + "\n  storage: { alertmanager: { webhook: 'http://h' } }",
            ProfileTexts.Minimal + "\n  storage: { alertmanager: { webhook: 'http://h', webhook_token_file: /t } }",
            Tenants("storage: { prometheus: { front_door: true }, loki: { tenants: { acme: {} } } }"),
            Tenants("storage: { prometheus: { front_door: true }, loki: { tenants: { acme: { retention: 1d } } } }"),
            Tenants("storage: { prometheus: { front_door: true }, loki: { tenants: { acme: { ingestion_rate: 1MiB } } } }"),
            Tenants("storage: { prometheus: { front_door: true }, tempo: { tenants: { acme: { retention: 1d } } } }"),
            Tenants("storage: { prometheus: { front_door: true }, tempo: { tenants: { acme: { max_traces: 1 } } } }"),
            Edge(""),
            Edge(", memory_limit: 1GiB"),
            Edge(", queue_bytes: 1GiB"),
            Edge(", storage_path: /q"),
            Edge(", processors: [memory_limiter, redaction]"),
        ];

        var hashes = variants.Select(v => ProfileHash.Compute(ProfileTexts.Load(v).Profile!, "policy")).ToList();
        hashes.Add(ProfileHash.Compute(ProfileTexts.Load(ProfileTexts.Minimal).Profile!, "policy "));

        Assert.Equal(hashes.Count, hashes.Distinct().Count());
    }

    /// <summary>What is spelled as it is by default is what an older release hashed without it.</summary>
    [Theory]
    [InlineData("multi_tenant: false")]
    [InlineData("recorder: { spill_bytes: 4GiB }")]
    [InlineData("storage: null")]
    public void Compute_DefaultSpelled_DoesNotCount(string text) => Assert.Equal(
        ProfileHash.Compute(ProfileTexts.Load(ProfileTexts.Minimal).Profile!, "policy"),
        ProfileHash.Compute(ProfileTexts.Load($"{ProfileTexts.Minimal}\n  {text}").Profile!, "policy"));

    [Fact]
    public void Compute_OrderOfKeysAndDefaultProcessors_DoNotCount() => Assert.Equal(
        ProfileHash.Compute(ProfileTexts.Load(Edge(", processors: [memory_limiter, resourcedetection, redaction], queue_bytes: 4GiB")).Profile!, ""),
        ProfileHash.Compute(ProfileTexts.Load($"{ProfileTexts.Minimal}\n  edge: {{ ca_file: /a, key_file: /k, cert_file: /c, gateway: 'https://g' }}").Profile!, ""));

    [Fact]
    public void Compute_HeadAsItIsByDefault_DoesNotCount() =>
        Assert.Equal(ProfileHash.Compute(ProfileTexts.Load(ProfileTexts.Minimal).Profile!, ""), ProfileHash.Compute(ProfileTexts.Load(Head("{ rate: 1 }")).Profile!, ""));

    private static string Head(string head) => ProfileTexts.Minimal.Replace("  sampling:\n", $"  sampling:\n    head: {head}\n", StringComparison.Ordinal);

    private static string Tenants(string storage) => $"{ProfileTexts.Minimal}\n  multi_tenant: true\n  {storage}";

    private static string Edge(string more) => $"{ProfileTexts.Minimal}\n  edge: {{ gateway: 'https://g', cert_file: /c, key_file: /k, ca_file: /a{more} }}";

    [Fact]
    public void Render_Profile_CarriesHashAndSettings()
    {
        var profile = ProfileTexts.Load(ProfileTexts.Shipped("default")).Profile!;

        var settings = GatewayRenderer.Render(profile, "policy");

        Assert.Equal(ProfileHash.Compute(profile, "policy"), settings.ProfileHash);
        Assert.Equal(64, settings.ProfileHash.Length);
        Assert.Equal(profile.Sampling, settings.Sampling);
        Assert.Equal(profile.Ingest.Limits, settings.Ingest);
    }
}
