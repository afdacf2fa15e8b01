using System.Globalization;

namespace StellaOps.Telemetry.Benchmarks.Harness.Pipelines;

/// <summary>The profile of a pipeline, as an operator would write it.</summary>
internal static class ProfileText
{
    public const int FileMiB = 64;

    /// <summary>What the sampler waits for stays in the log: five seconds of the greatest load, and as much again.</summary>
    public static int LogMiB(Middle middle) => middle is Middle.Sampling or Middle.Forensic ? 2560 : 1024;

    /// <param name="idlePolicies">Sampling policies more, each of which looks at an attribute that every span has, and keeps nothing.</param>
    public static string Of(Middle middle, Uri sink, int idlePolicies = 0) => string.Create(
        CultureInfo.InvariantCulture,
        $$"""
        apiVersion: telemetry.stella-ops.org/v1
        kind: Profile
        metadata: { name: bench }
        spec:
          environment: development
          redaction: {{(middle == Middle.Passthrough ? "none" : "baseline")}}
          durability: {{(middle == Middle.Forensic ? "fsync" : "write")}}
          recorder: { max_age: 15m, max_bytes: {{LogMiB(middle)}}MiB, file_bytes: {{FileMiB}}MiB, tenant_share: 1 }
        {{(middle is Middle.Sampling or Middle.Forensic ? TailSampling + Idle(idlePolicies) : NoSampling)}}
          exporters:
            - { name: sink, type: otlp, endpoint: "{{sink}}", protocol: grpc }
        {{(middle is Middle.Sampling or Middle.Forensic ? "    - { name: archive, type: archive }" : "")}}
        """);

    private static string Idle(int policies) => string.Concat(Enumerable.Range(0, policies).Select(i => string.Create(
        CultureInfo.InvariantCulture,
        $"\n      - {{ name: idle-{i}, type: string_attribute, string_attribute: {{ key: app.summary, values: [never-{i}] }} }}")));

    private const string NoSampling = "  sampling: none";

    private const string TailSampling =
        """
          sampling:
            decision_wait: 5s
            num_traces: 100000
            policies:
              - { name: errors, type: status_code, status_code: { status_codes: [ERROR] } }
              - { name: tenth, type: probabilistic, probabilistic: { sampling_percentage: 10 } }
        """;
}
