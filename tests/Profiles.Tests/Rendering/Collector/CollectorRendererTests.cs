using StellaOps.Telemetry.Profiles.Rendering;
using StellaOps.Telemetry.Profiles.Rendering.Collector;
using StellaOps.Telemetry.Profiles.Resolving;
using StellaOps.Telemetry.Profiles.Tests.TestServices;

namespace StellaOps.Telemetry.Profiles.Tests.Rendering.Collector;

public sealed class CollectorRendererTests
{
    private const string Edge = """
        edge:
          gateway: https://gateway.example.org:4317
          cert_file: /etc/otelcol/tls.crt
          key_file: /etc/otelcol/tls.key
          ca_file: /etc/otelcol/ca.crt

        """;

    [Theory]
    [InlineData("")]
    [InlineData("redaction: none\n")]
    [InlineData("redaction: mine\n")]
    public void Render_AnyPolicy_IsLawful(string redaction) => Assert.Empty(CollectorConfigValidator.Validate(
        Render(Documents.Mine(redaction + Edge, "blocked_values: [{ rule: order, action: drop, pattern: 'order-[0-9]+' }]")), "collector.yaml"));

    [Fact]
    public void Render_Queue_IsBoundedOverAllSignals()
    {
        var text = Render(Documents.Mine(Edge + "  queue_bytes: 3GiB\n"));

        // Three signals with a queue each: together what the profile allows.
        Assert.Contains($"queue_size: {1L << 30}\n", text, StringComparison.Ordinal);
        Assert.Contains("sizer: bytes\n", text, StringComparison.Ordinal);
        Assert.Contains("fsync: true\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Render_Memory_IsInMebibytesWithAFifthForSpikes() => Assert.Contains(
        "limit_mib: 500\n    spike_limit_mib: 100\n", Render(Documents.Mine(Edge + "  memory_limit: 500MiB\n")), StringComparison.Ordinal);

    [Theory]
    [InlineData("max_request: 1MiB, max_decompressed: 2MiB", 1 << 20)]
    [InlineData("max_records: 1000", 16_000)]
    [InlineData("max_records: 100000000", 4 << 20)]
    public void Render_Batches_AreNoLongerThanTheGatewayTakes(string limits, int bytes) => Assert.Contains(
        $"max_size: {bytes}\n", Render(Documents.Mine($"ingest: {{ limits: {{ {limits} }} }}\n{Edge}")), StringComparison.Ordinal);

    [Theory]
    [InlineData("require", true)]
    [InlineData("optional", true)]
    [InlineData("none", false)]
    public void Render_SenderCertificates_AreRequiredWhereTheyAreAskedFor(string clientAuth, bool required)
    {
        var authorities = clientAuth == "none" ? "" : "    client_ca_file: senders.crt\n";
        var text = Render(Documents.Mine($$"""
            ingest:
              listeners: { grpc: 'https://0.0.0.0:4317', http: 'https://0.0.0.0:4318' }
              tls:
                cert_file: tls.crt
                key_file: tls.key
                client_auth: {{clientAuth}}
                min_version: "1.3"

            """ + authorities + Edge));

        Assert.Equal(required, text.Contains("client_ca_file: senders.crt\n", StringComparison.Ordinal));
        Assert.Contains("min_version: \"1.3\"\n", text, StringComparison.Ordinal);
        Assert.Empty(CollectorConfigValidator.Validate(text, "collector.yaml"));
    }

    [Fact]
    public void Render_DollarSigns_AreEscapedFromExpansion() => Assert.Contains(
        "- \"^price\\\\$$[0-9]+$$\"\n",
        Render(Documents.Mine("redaction: mine\n" + Edge, @"blocked_values: [{ rule: price, action: mask, pattern: '^price\$[0-9]+$' }]")),
        StringComparison.Ordinal);

    [Fact]
    public void Render_WhatTheCollectorCannotSay_StandsInTheHead()
    {
        var text = Render(Documents.Mine(
            "redaction: mine\n" + Edge,
            """
            blocked_values: [{ rule: odd, action: mask, pattern: '[0-9-[5]]{9}' }]
            blocked_key_patterns: [{ rule: keys, action: mask, patterns: ['(?<x>y)'] }]
            url_sanitizer: { enabled: true }
            """));

        Assert.Contains("# The gateway alone redacts: value rule 'odd': its pattern is none of RE2.\n", text, StringComparison.Ordinal);
        Assert.Contains("# The gateway alone redacts: key rule 'keys': one of its patterns is none of RE2.\n", text, StringComparison.Ordinal);
        Assert.Contains("# The gateway alone redacts: url_sanitizer.\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("[5]", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Render_AllowedValues_HaveToBeAllOfAValue() => Assert.Contains(
        "- \"^(?:127\\\\.0\\\\.0\\\\.1)\\\\z\"\n", Render(Documents.Mine(Edge)), StringComparison.Ordinal);

    [Fact]
    public void Render_ListOfAllowedKeys_IsKept()
    {
        var text = Render(Documents.Mine("redaction: mine\n" + Edge, "allowed_keys: [service.name, http.route]\nignored_keys: [http.route]"));

        Assert.Contains("allow_all_keys: false\n    allowed_keys:\n      - service.name\n      - http.route\n    ignored_keys:\n      - http.route\n", text, StringComparison.Ordinal);
    }

    private static string Render(ProfileResolution resolution) =>
        ProfileRenderer.Render(resolution.Profile!, resolution.RedactionPolicyText).Single(f => f.Name == ProfileRenderer.Collector).Text;
}
