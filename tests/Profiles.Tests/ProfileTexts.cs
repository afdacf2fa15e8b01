using StellaOps.Telemetry.Profiles.Loading;

namespace StellaOps.Telemetry.Profiles.Tests;

/// <summary>Profile documents of the repository, and a small one to damage.</summary>
internal static class ProfileTexts
{
    public const string Minimal = """
        apiVersion: telemetry.stella-ops.org/v1
        kind: Profile
        metadata:
          name: small
        spec:
          environment: development
          redaction: baseline
          durability: write
          sampling:
            policies:
              - name: all
                type: always_sample
        """;

    public const string Policy = """
        apiVersion: telemetry.stella-ops.org/v1
        kind: RedactionPolicy
        metadata:
          name: baseline
        spec:
          blocked_values:
            - { rule: email, action: mask, class: email }
        """;

    public static string Shipped(string name) =>
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "profiles", name + ".yaml"));

    public static ProfileLoadResult Load(string text) => ProfileLoader.Load(new StringReader(text), "p.yaml");
}
