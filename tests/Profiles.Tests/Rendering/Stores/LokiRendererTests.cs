using StellaOps.Telemetry.Profiles.Rendering;
using StellaOps.Telemetry.Profiles.Tests.TestServices;

namespace StellaOps.Telemetry.Profiles.Tests.Rendering.Stores;

public sealed class LokiRendererTests
{
    [Fact]
    public void Render_Tenants_AreOverridesInOrderOfName() => Assert.Equal(
        """
        # Rendered from profile mine for Loki 3.5.0. Change the profile, not this file.
        overrides:
          acme:
            retention_period: "30d"
            reject_old_samples_max_age: "30d"
            ingestion_rate_mb: 8.0
            ingestion_burst_size_mb: 12.0
          beta:
            ingestion_rate_mb: 0.5
            ingestion_burst_size_mb: 6.0
          zulu: {}

        """,
        Render("loki: { retention: 14d, tenants: { zulu: {}, beta: { ingestion_rate: 512KiB }, acme: { retention: 30d, ingestion_rate: 8MiB } } }", "loki-overrides.yaml"));

    [Theory]
    [InlineData("90d", "90d")]
    [InlineData("36h", "36h")]
    [InlineData("2h", "1d")]
    public void Render_Retention_IsAtLeastADay(string retention, string rendered)
    {
        var text = Render($"loki: {{ retention: {retention} }}", "loki.yaml");

        Assert.Contains($"  retention_period: \"{rendered}\"\n", text, StringComparison.Ordinal);
        Assert.Contains("  retention_enabled: true\n", text, StringComparison.Ordinal);
        Assert.Contains("  file: loki-overrides.yaml\n", text, StringComparison.Ordinal);
        Assert.Contains("  reporting_enabled: false\n", text, StringComparison.Ordinal);
    }

    private static string Render(string storage, string file)
    {
        var resolution = Documents.Mine($"multi_tenant: true\nstorage: {{ prometheus: {{ front_door: true }}, {storage} }}");
        return ProfileRenderer.Render(resolution.Profile!, resolution.RedactionPolicyText).Single(f => f.Name == file).Text;
    }
}
