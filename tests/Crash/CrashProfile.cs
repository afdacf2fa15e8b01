namespace StellaOps.Telemetry.Crash;

/// <summary>A log so small that it goes round within seconds and spills whenever the target is down.</summary>
internal static class CrashProfile
{
    public static string Of(string durability, Uri target) => $$"""
        apiVersion: telemetry.stella-ops.org/v1
        kind: Profile
        metadata: { name: crash }
        spec:
          environment: development
          redaction: none
          durability: {{durability}}
          recorder: { max_bytes: 8MiB, file_bytes: 1MiB, tenant_share: 1, max_age: 15m, spill_bytes: 2GiB }
          sampling: { decision_wait: 300ms, policies: [{ name: all, type: always_sample }] }
          exporters:
            - { name: archive, type: archive, max_segment_bytes: 1MiB, max_segment_age: 500ms }
            - { name: store, type: otlp, endpoint: "{{target}}", protocol: grpc, timeout: 2s }
        """;
}
