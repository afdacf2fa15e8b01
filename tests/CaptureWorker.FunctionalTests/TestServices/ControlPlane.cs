using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using StellaOps.Telemetry.Tests.Shared.Hosting;

namespace StellaOps.Telemetry.CaptureWorker.FunctionalTests.TestServices;

/// <summary>Incident and profile service with nothing to tell.</summary>
internal static class ControlPlane
{
    public static Task<RunningService> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder(["--urls=http://127.0.0.1:0"]);
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.MapGet("/api/v1/incidents", () => TypedResults.Text("""{"items":[]}""", "application/json"));
        app.MapGet("/api/v1/audit", () => TypedResults.Text("""{"items":[]}""", "application/json"));
        return RunningService.StartAsync(app);
    }
}
