using StellaOps.Telemetry.Profiles.Rendering;
using StellaOps.Telemetry.Profiles.Rendering.Collector;
using StellaOps.Telemetry.Profiles.Tests.TestServices;

namespace StellaOps.Telemetry.Profiles.Tests.Rendering.Collector;

public sealed class CollectorConfigValidatorTests
{
    private static readonly string s_rendered = Rendered();

    [Fact]
    public void Validate_Rendered_HasNoFault() => Assert.Empty(CollectorConfigValidator.Validate(s_rendered, "collector.yaml"));

    [Theory]
    [InlineData("      receivers:\n        - otlp\n", "      receivers:\n        - zipkin\n", "receivers.zipkin", "used and not declared")]
    [InlineData("  file_storage/queue:\n", "  pprof: {}\n  file_storage/queue:\n", "extensions.pprof", "declared and not used")]
    [InlineData("    - file_storage/queue\n  pipelines", "  pipelines", "exporters.otlp/gateway.sending_queue.storage", "is no file_storage extension that service.extensions starts")]
    [InlineData("      receivers:\n        - otlp\n", "      receivers: []\n", "service.pipelines.traces.receivers", "empty")]
    [InlineData("extensions:\n  health", "connectors: {}\nextensions:\n  health", "connectors", "a section that")]
    [InlineData("        - memory_limiter\n        - resourcedetection\n", "        - resourcedetection\n        - memory_limiter\n", "service.pipelines.traces.processors", "memory_limiter is not the first")]
    [InlineData("        - redaction\n", "        - batch\n        - redaction\n", "service.pipelines.traces.processors", "holds in memory")]
    [InlineData("        - redaction\n", "        - tail_sampling\n        - redaction\n", "service.pipelines.traces.processors", "drops records")]
    [InlineData("        - redaction\n", "        - probabilistic_sampler/all\n        - redaction\n", "service.pipelines.traces.processors", "drops records")]
    [InlineData("        - transform/redaction\n", "        - transform/redaction\n        - resourcedetection\n", "service.pipelines.traces.processors", "comes after redaction")]
    [InlineData("        - redaction\n        - transform/redaction\n", "", "service.pipelines.traces.processors", "no redaction")]
    [InlineData("      storage: file_storage/queue\n", "", "exporters.otlp/gateway.sending_queue.storage", "the queue is in memory")]
    [InlineData("    sending_queue:\n      enabled: true\n", "    sending_queue:\n      enabled: false\n", "exporters.otlp/gateway.sending_queue.storage", "the queue is in memory")]
    [InlineData("    fsync: true\n", "    fsync: false\n", "extensions.file_storage/queue.fsync", "off")]
    [InlineData("    fsync: true\n", "", "extensions.file_storage/queue.fsync", "off")]
    [InlineData("      sizer: bytes\n      queue_size", "      sizer: items\n      queue_size", "exporters.otlp/gateway.sending_queue.queue_size", "no bound in bytes")]
    [InlineData("      max_elapsed_time: \"0s\"\n", "", "exporters.otlp/gateway.retry_on_failure.max_elapsed_time", "is not 0")]
    [InlineData("    retry_on_failure:\n      enabled: true\n", "    retry_on_failure:\n      enabled: false\n", "exporters.otlp/gateway.retry_on_failure.enabled", "given up")]
    [InlineData("      ca_file: /etc/otelcol/ca.crt\n", "      insecure: true\n      ca_file: /etc/otelcol/ca.crt\n", "exporters.otlp/gateway.tls.insecure", "anybody")]
    [InlineData("      ca_file: /etc/otelcol/ca.crt\n", "      insecure_skip_verify: true\n", "exporters.otlp/gateway.tls.insecure_skip_verify", "anybody")]
    [InlineData("      cert_file: /etc/otelcol/tls.crt\n", "", "exporters.otlp/gateway.tls.cert_file", "missing")]
    [InlineData("    endpoint: \"gateway.example.org:4317\"\n", "    endpoint: \"http://gateway.example.org:4317\"\n", "exporters.otlp/gateway.endpoint", "plaintext")]
    [InlineData("          cert_file: tls.crt\n", "", "receivers.otlp.protocols.grpc", "in plaintext outside loopback")]
    [InlineData("    endpoint: \"127.0.0.1:13133\"\n", "    endpoint: \"0.0.0.0:13133\"\n", "extensions.health_check", "in plaintext outside loopback")]
    public void Validate_OneThingWrong_SaysWhereAndWhat(string right, string wrong, string path, string problem)
    {
        var at = s_rendered.IndexOf(right, StringComparison.Ordinal);
        Assert.True(at >= 0, $"the rendered configuration has no: {right}");

        var faults = CollectorConfigValidator.Validate(s_rendered[..at] + wrong + s_rendered[(at + right.Length)..], "collector.yaml");

        Assert.Contains(faults, f => f.Path == path && f.Problem.Contains(problem, StringComparison.Ordinal));
        Assert.All(faults, f => Assert.True(f is { File: "collector.yaml", Line: > 0, Fix.Length: > 0 }));
    }

    [Theory]
    [InlineData("receivers: [")]
    [InlineData("- a\n- b")]
    [InlineData("")]
    public void Validate_NoMapping_IsOneFault(string text) => Assert.Single(CollectorConfigValidator.Validate(text, "collector.yaml"));

    private static string Rendered()
    {
        var resolution = Documents.Shipped("default", "prod");
        return ProfileRenderer.Render(resolution.Profile!, resolution.RedactionPolicyText).Single(f => f.Name == ProfileRenderer.Collector).Text;
    }
}
