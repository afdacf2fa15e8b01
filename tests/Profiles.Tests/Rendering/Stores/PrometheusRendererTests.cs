using StellaOps.Telemetry.Profiles.Rendering;
using StellaOps.Telemetry.Profiles.Tests.TestServices;
using StellaOps.Telemetry.Tests.Shared;

namespace StellaOps.Telemetry.Profiles.Tests.Rendering.Stores;

public sealed class PrometheusRendererTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("stella-prometheus-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("default", null)]
    [InlineData("default", "prod")]
    [InlineData("forensic", null)]
    [InlineData("airgap", null)]
    public async Task Render_Shipped_IsLawfulForPromtool(string name, string? overlay)
    {
        var file = Path.Combine(_folder.FullName, "prometheus.yaml");
        await File.WriteAllTextAsync(file, Render(name, overlay, "prometheus.yaml"), TestContext.Current.CancellationToken);

        var result = await ExternalTool.RunAsync(ExternalTool.Require("promtool"), ["check", "config", file]);

        Assert.True(result.ExitCode == 0, result.Output + result.Error);
        Assert.Contains("SUCCESS", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Render_Retention_StandsInTheArguments() => Assert.Equal(
        """
        --config.file=prometheus.yaml
        --storage.tsdb.retention.time=90d
        --storage.tsdb.retention.size=536870912000B
        --web.listen-address=127.0.0.1:9090
        --web.enable-otlp-receiver

        """,
        Render("forensic", null, "prometheus.args"));

    [Fact]
    public void Render_Url_IsWhereItListensAndIsScraped()
    {
        Assert.Contains("--web.listen-address=prometheus.example.org:9090\n", Render("default", "prod", "prometheus.args"), StringComparison.Ordinal);
        Assert.Contains("- \"prometheus.example.org:9090\"\n", Render("default", "prod", "prometheus.yaml"), StringComparison.Ordinal);
    }

    [Fact]
    public void Render_OutOfOrderWindow_IsAsLongAsTheRecorderReachesBack() =>
        Assert.Contains("out_of_order_time_window: \"1h\"\n", Render("forensic", null, "prometheus.yaml"), StringComparison.Ordinal);

    private static string Render(string name, string? overlay, string file)
    {
        var resolution = Documents.Shipped(name, overlay);
        return ProfileRenderer.Render(resolution.Profile!, resolution.RedactionPolicyText).Single(f => f.Name == file).Text;
    }
}
