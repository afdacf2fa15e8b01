using StellaOps.Telemetry.Profiles.Gateway;
using StellaOps.Telemetry.Profiles.Hashing;

namespace StellaOps.Telemetry.Profiles.Tests.Loading;

public sealed class OtlpExporterReaderTests
{
    private const string Full = """
          exporters:
            - name: store
              type: otlp
              endpoint: https://tempo.internal:4317
              protocol: http/protobuf
              headers: { x-site: north, authorization: { file: /run/secrets/tempo } }
              tenant_header: none
              timeout: 5s
              max_elapsed: 1d
              compression: zstd
              max_request_bytes: 2MiB
              sending_queue: { num_consumers: 8 }
              retry_on_failure: { initial_interval: 100ms, max_interval: 1m }
              circuit_breaker: { failures: 2 }
              tls: { ca_file: /etc/ca.pem, cert_file: /etc/c.pem, key_file: /etc/c.key, server_name_override: tempo }
            - { name: log, type: debug, verbosity: detailed, max_records: 3 }
        """;

    [Fact]
    public void Load_EverySetting_IsTaken()
    {
        var result = ProfileTexts.Load(With(Full));

        Assert.Empty(result.Faults);
        var store = Assert.IsType<OtlpExporterSettings>(result.Profile!.Exporters[0]);
        Assert.Equal(
            new OtlpExporterSettings(
                "store", new Uri("https://tempo.internal:4317"), OtlpProtocol.HttpProtobuf, new TextMap(new Dictionary<string, string> { ["x-site"] = "north" }), null,
                TimeSpan.FromSeconds(5), TimeSpan.FromDays(1))
            {
                HeaderFiles = new TextMap(new Dictionary<string, string> { ["authorization"] = "/run/secrets/tempo" }),
                Compression = OtlpCompression.Zstd,
                MaxRequestBytes = 2 << 20,
                Consumers = 8,
                Retry = new RetrySettings(TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(1)),
                BreakerFailures = 2,
                Tls = new TlsClientSettings("/etc/ca.pem", "/etc/c.pem", "/etc/c.key", "tempo"),
            },
            store);
        Assert.Equal(new DebugExporterSettings("log", true, 3), result.Profile.Exporters[1]);
    }

    [Theory]
    [InlineData("north", "south")]
    [InlineData("/run/secrets/tempo", "/run/secrets/other")]
    [InlineData("zstd", "gzip")]
    [InlineData("2MiB", "1MiB")]
    [InlineData("num_consumers: 8", "num_consumers: 7")]
    [InlineData("100ms", "200ms")]
    [InlineData("failures: 2", "failures: 3")]
    [InlineData("/etc/ca.pem", "/etc/cb.pem")]
    [InlineData("max_records: 3", "max_records: 4")]
    [InlineData("detailed", "basic")]
    public void Hash_AnySettingChanges_IsAnother(string old, string @new)
    {
        var before = ProfileTexts.Load(With(Full)).Profile!;
        var after = ProfileTexts.Load(With(Full.Replace(old, @new, StringComparison.Ordinal))).Profile!;
        Assert.NotEqual(ProfileHash.Compute(before, ""), ProfileHash.Compute(after, ""));
        Assert.Equal(ProfileHash.Compute(before, ""), ProfileHash.Compute(ProfileTexts.Load(With(Full)).Profile!, ""));
    }

    [Theory]
    [InlineData("x-site: north", "content-type: text/plain", "headers.content-type")]
    [InlineData("x-site: north", "grpc-timeout: 1S", "headers.grpc-timeout")]
    [InlineData("x-site: north", "'x site': north", "headers.x site")]
    [InlineData("x-site: north", "x-site: \"no\\nrth\"", "headers.x-site")]
    [InlineData("x-site: north", "X-Api-Key: abc", "headers.X-Api-Key")]
    [InlineData("x-site: north", "Authorization: Bearer abc", "headers.Authorization")]
    [InlineData("{ file: /run/secrets/tempo }", "{ file: secrets/tempo }", "headers.authorization.file")]
    [InlineData("{ file: /run/secrets/tempo }", "{ path: /run/secrets/tempo }", "headers.authorization.path")]
    [InlineData("compression: zstd", "compression: snappy", "compression")]
    [InlineData("max_request_bytes: 2MiB", "max_request_bytes: 1KiB", "max_request_bytes")]
    [InlineData("max_request_bytes: 2MiB", "max_request_bytes: 64MiB", "max_request_bytes")]
    [InlineData("num_consumers: 8", "num_consumers: 65", "sending_queue.num_consumers")]
    [InlineData("max_interval: 1m", "max_interval: 10ms", "retry_on_failure.max_interval")]
    [InlineData("https://tempo.internal", "http://tempo.internal", "tls")]
    [InlineData(", key_file: /etc/c.key", "", "tls.cert_file")]
    [InlineData("server_name_override: tempo", "insecure_skip_verify: true", "tls.insecure_skip_verify")]
    public void Load_OneFault_IsNamed(string old, string @new, string path)
    {
        var result = ProfileTexts.Load(With(Full.Replace(old, @new, StringComparison.Ordinal)));

        Assert.False(result.IsValid);
        Assert.Contains(result.Faults, f => f.Path == "spec.exporters[0]." + path);
    }

    [Theory]
    [InlineData("[]", false)]
    [InlineData("['tempo.internal:4317']", true)]
    [InlineData("['TEMPO.internal.']", true)]
    [InlineData("['*.internal:4317']", true)]
    [InlineData("['tempo.internal:4318']", false)]
    [InlineData("['*.tempo.internal']", false)]
    [InlineData("['10.0.0.0/8']", false)]
    [InlineData("['http://tempo.internal']", false)]
    public void Load_Sealed_TakesExportersThatTheAllowlistNames(string allowlist, bool valid)
    {
        var result = ProfileTexts.Load(With(Full).Replace("durability: write", $"durability: fsync\n  sealed: {{ enabled: true, allowlist: {allowlist} }}", StringComparison.Ordinal));

        Assert.Equal(valid, result.IsValid);
    }

    private static string With(string exporters) => ProfileTexts.Minimal.TrimEnd() + "\n" + exporters + "\n";
}
