using System.Globalization;
using StellaOps.Telemetry.Tests.Shared;
using StellaOps.Telemetry.Tests.Shared.Processes;

namespace StellaOps.Telemetry.IncidentService.FunctionalTests.Hooks.TestServices;

/// <summary>The real Alertmanager, and amtool to talk to it.</summary>
internal sealed class AlertmanagerProcess : IAsyncDisposable
{
    private readonly SupervisedProcess _process;

    private AlertmanagerProcess(SupervisedProcess process, string url) => (_process, Url) = (process, url);

    public string Url { get; }

    /// <summary>What it wrote, for messages of failing tests.</summary>
    public string Output => _process.Output;

    /// <param name="folder">Holds <c>alertmanager.yml</c>; it keeps its own data there.</param>
    public static async Task<AlertmanagerProcess> StartAsync(HookFolder folder)
    {
        var address = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{FreePort.Next()}");
        var process = SupervisedProcess.Start(
            "TERM",
            [
                ExternalTool.Require("alertmanager"),
                $"--config.file={folder.PathOf("alertmanager.yml")}",
                $"--storage.path={folder.PathOf("alertmanager")}",
                $"--web.listen-address={address}",
                "--cluster.listen-address=",
            ]);
        using var client = new HttpClient();
        await Eventually.HoldsAsync(
            async () =>
            {
                Assert.False(process.HasExited, $"alertmanager did not start: {process.Output}");
                try
                {
                    using var response = await client.GetAsync($"http://{address}/-/ready");
                    return response.IsSuccessStatusCode;
                }
                catch (HttpRequestException)
                {
                    return false;
                }
            },
            TimeSpan.FromSeconds(30),
            "alertmanager answers");
        return new AlertmanagerProcess(process, $"http://{address}");
    }

    /// <summary><c>amtool alert add</c>.</summary>
    public async Task AddAsync(params string[] arguments)
    {
        var result = await ExternalTool.RunAsync(ExternalTool.Require("amtool"), ["alert", "add", $"--alertmanager.url={Url}", .. arguments]);
        Assert.True(result.ExitCode == 0, result.Output + result.Error);
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
