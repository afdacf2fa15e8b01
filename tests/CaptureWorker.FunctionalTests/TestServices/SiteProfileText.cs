namespace StellaOps.Telemetry.CaptureWorker.FunctionalTests.TestServices;

/// <summary>A site's profile with nothing to say but how long the archive keeps what.</summary>
internal static class SiteProfileText
{
    public static string Of(string retention) =>
        $$"""
        apiVersion: telemetry.stella-ops.org/v1
        kind: Profile
        metadata: { name: site }
        spec:
          environment: development
          redaction: none
          durability: write
          sampling: none
          retention: {{retention}}
        """;
}
