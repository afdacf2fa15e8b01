using StellaOps.Telemetry.Profiles.Rendering;
using StellaOps.Telemetry.Profiles.Tests.TestServices;
using StellaOps.Telemetry.Tests.Shared;

namespace StellaOps.Telemetry.Profiles.Tests.Rendering.Stores;

public sealed class AlertmanagerRendererTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("stella-alertmanager-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("{ webhook: 'https://incidents.example.org/hooks/alertmanager', webhook_token_file: /run/secrets/alertmanager }")]
    [InlineData("{ webhook: 'http://127.0.0.1:4322/hooks/alertmanager' }")]
    [InlineData("{}")]
    public async Task Render_Receiver_IsLawfulForAmtool(string alertmanager)
    {
        var file = Path.Combine(_folder.FullName, "alertmanager.yaml");
        await File.WriteAllTextAsync(file, Render(alertmanager, "alertmanager.yaml"), TestContext.Current.CancellationToken);

        var result = await ExternalTool.RunAsync(ExternalTool.Require("amtool"), ["check-config", file]);

        Assert.True(result.ExitCode == 0, result.Output + result.Error);
        Assert.Contains("SUCCESS", result.Output, StringComparison.Ordinal);
        Assert.Contains("1 receivers", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Render_TokenFile_IsShownAsBearer() => Assert.Contains(
        """
              - url: "https://incidents.example.org/hooks"
                send_resolved: true
                http_config:
                  follow_redirects: false
                  authorization:
                    type: Bearer
                    credentials_file: /run/secrets/alertmanager

        """,
        Render("{ webhook: 'https://incidents.example.org/hooks', webhook_token_file: /run/secrets/alertmanager }", "alertmanager.yaml"),
        StringComparison.Ordinal);

    [Fact]
    public void Render_Retention_IsThatOfMetricsInGoWords() =>
        Assert.Contains("--data.retention=360h\n", Render("{}", "alertmanager.args"), StringComparison.Ordinal);

    private static string Render(string alertmanager, string file)
    {
        var resolution = Documents.Mine($"storage: {{ prometheus: {{ retention: 15d }}, alertmanager: {alertmanager} }}");
        return ProfileRenderer.Render(resolution.Profile!, resolution.RedactionPolicyText).Single(f => f.Name == file).Text;
    }
}
