using StellaOps.Telemetry.Profiles.Gateway;
using StellaOps.Telemetry.Profiles.Model;

namespace StellaOps.Telemetry.Profiles.Tests.Loading;

public sealed class IngestReaderTests
{
    private const string Https = "listeners: { grpc: 'https://0.0.0.0:4317', http: 'https://0.0.0.0:4318' }";

    [Fact]
    public void Load_Tls_AsksForCertificatesWhereAuthoritiesAreNamed()
    {
        var plain = Ingest($"{Https}, tls: {{ cert_file: a.crt, key_file: a.key }}");
        var mutual = Ingest($"{Https}, tls: {{ cert_file: a.crt, key_file: a.key, client_ca_file: ca.crt, trust_domain: example.org, min_version: \"1.3\" }}");

        Assert.Equal(new IngestTlsProfile("a.crt", "a.key", null, ClientAuth.None, TlsVersion.Tls12, null), plain.Tls);
        Assert.Equal(new IngestTlsProfile("a.crt", "a.key", "ca.crt", ClientAuth.Require, TlsVersion.Tls13, "example.org"), mutual.Tls);
    }

    [Theory]
    [InlineData("listeners: { grpc: 'https://127.0.0.1:4317' }", "spec.ingest.listeners.grpc")]
    [InlineData("tls: { key_file: a.key }", "spec.ingest.tls.cert_file")]
    [InlineData("tls: { cert_file: a, key_file: b, client_auth: require }", "spec.ingest.tls.client_ca_file")]
    [InlineData("tls: { cert_file: a, key_file: b, client_auth: sometimes }", "spec.ingest.tls.client_auth")]
    [InlineData("tls: { cert_file: a, key_file: b, client_ca_file: c, client_auth: none }", "spec.ingest.tls.client_auth")]
    [InlineData("tls: { cert_file: a, key_file: b, trust_domain: d }", "spec.ingest.tls.client_auth")]
    [InlineData("tls: { cert_file: a, key_file: b, client_ca_file: c, trust_domain: 'spiffe://d' }", "spec.ingest.tls.trust_domain")]
    [InlineData("tls: { cert_file: a, key_file: b, min_version: '1.1' }", "spec.ingest.tls.min_version")]
    [InlineData("tls: { cert_file: a, key_file: b, ca_file: c }", "spec.ingest.tls.ca_file")]
    [InlineData("quotas: { records_per_second: -1 }", "spec.ingest.quotas.records_per_second")]
    [InlineData("quotas: { bytes_per_second: much }", "spec.ingest.quotas.bytes_per_second")]
    [InlineData("quotas: { tenants: { Acme: { bytes_per_second: 1 } } }", "spec.ingest.quotas.tenants.Acme")]
    [InlineData("quotas: { tenants: { acme: { bytes: 1 } } }", "spec.ingest.quotas.tenants.acme.bytes")]
    public void Load_OneFault_IsFound(string ingest, string path)
    {
        var result = ProfileTexts.Load(ProfileTexts.Minimal + $"\n  ingest: {{ {ingest} }}");

        Assert.Equal(path, Assert.Single(result.Faults).Path);
    }

    [Fact]
    public void Load_Quotas_TenantsTakeWhatTheyLeaveOutFromTheDefault()
    {
        var quotas = Ingest("quotas: { records_per_second: 1000, bytes_per_second: 1MiB, burst: 2s, tenants: { acme: { records_per_second: 5000 }, globex: { burst: 1s } } }").Limits.Quotas;

        Assert.Equal(new TenantQuota(1000, 1 << 20, TimeSpan.FromSeconds(2)), quotas.Default);
        Assert.Equal(new TenantQuota(5000, 1 << 20, TimeSpan.FromSeconds(2)), quotas.Tenants["acme"]);
        Assert.Equal(new TenantQuota(1000, 1 << 20, TimeSpan.FromSeconds(1)), quotas.Tenants["globex"]);
    }

    private static IngestProfile Ingest(string ingest)
    {
        var result = ProfileTexts.Load(ProfileTexts.Minimal + $"\n  ingest: {{ {ingest} }}");
        Assert.Empty(result.Faults);
        return result.Profile!.Ingest;
    }
}
