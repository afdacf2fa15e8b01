using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using StellaOps.Telemetry.Tests.Shared.Hosting;

namespace StellaOps.Telemetry.Cli.Tests.TestServices;

/// <summary>A service that answers what a test says, and the command line against it.</summary>
internal static class ScriptedService
{
    public static Task<RunningService> StartAsync(Action<WebApplication> map)
    {
        var builder = WebApplication.CreateSlimBuilder(["--urls=http://127.0.0.1:0"]);
        builder.Logging.ClearProviders();
        var app = builder.Build();
        map(app);
        return RunningService.StartAsync(app);
    }

    /// <summary>Runs a command that has to succeed.</summary>
    public static async Task<CliRun> RunAsync(RunningService service, params string[] args)
    {
        var cli = new CliRun { Environment = { ["STELLA_TOKEN"] = "x" } };
        Assert.Equal(0, await cli.RunAsync([.. args, "--url", service.Url.ToString()]));
        return cli;
    }

    public static IResult Json(string json) => TypedResults.Text(json, "application/json");
}
