using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using StellaOps.Telemetry.Tests.Shared.Hosting;

namespace StellaOps.Telemetry.Tests.Shared.Signing;

/// <summary>A timestamp authority where programs can ask it: RFC 3161 over HTTP (section 3.4).</summary>
public static class TimestampServer
{
    public static async Task<RunningService> StartAsync(TestTimestampAuthority authority)
    {
        var builder = WebApplication.CreateSlimBuilder(["--urls=http://127.0.0.1:0"]);
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.MapPost("/{**path}", async (HttpRequest request) =>
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body);
            return TypedResults.Bytes(authority.Answer(body.ToArray()), "application/timestamp-reply");
        });
        return await RunningService.StartAsync(app);
    }
}
