using Microsoft.Extensions.Options;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.IngestGateway.Admin;
using StellaOps.Telemetry.IngestGateway.Configuration;
using StellaOps.Telemetry.IngestGateway.Egress;
using StellaOps.Telemetry.IngestGateway.Listeners;
using StellaOps.Telemetry.IngestGateway.Pipeline;
using StellaOps.Telemetry.ServiceDefaults;

namespace StellaOps.Telemetry.IngestGateway;

/// <summary>The gateway, put together; tests put it together the same way.</summary>
internal static class GatewayApplication
{
    public static async Task<int> RunAsync(string[] args)
    {
        WebApplication app;
        try
        {
            app = Create(args, _ => { });
        }
        catch (OptionsValidationException e)
        {
            await Console.Error.WriteLineAsync($"cannot start: {string.Join("; ", e.Failures)}");
            return 1;
        }

        await using (app)
        {
            return await app.RunStellaAsync(args);
        }
    }

    public static WebApplication Create(string[] args, Action<WebApplicationBuilder> configure)
    {
        // The program's own folder: configuration files are watched with all that lies below them, and each write to a log in the folder that
        // the gateway was started from would wake the watcher.
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        builder.AddStellaServiceDefaults(KnownServices.IngestGateway, o => o.TraceRequest = OtlpListenersExtensions.IsApi);
        var configuration = GatewayConfiguration.Load(builder.Configuration);
        builder.AddOtlpListeners(configuration);
        builder.Services.AddArchive(configuration.Archive);
        builder.Services.AddGatewayPipeline(configuration.Profile.Settings, configuration.PipelineOptions);
        configure(builder);
        builder.Services.AddGatewayEdge(configuration);

        var app = builder.Build();
        app.UseOtlpListeners();
        app.UseRouting();
        app.MapStellaDefaultEndpoints();
        app.MapGatewayApiV1();
        app.MapDeadLettersApiV1();
        app.MapReplaysApiV1();
        return app;
    }
}
