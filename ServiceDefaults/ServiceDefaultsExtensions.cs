using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using StellaOps.Telemetry.ServiceDefaults.Auth;
using StellaOps.Telemetry.ServiceDefaults.Database;
using StellaOps.Telemetry.ServiceDefaults.Health;
using StellaOps.Telemetry.ServiceDefaults.Hosting;
using StellaOps.Telemetry.ServiceDefaults.Http;
using StellaOps.Telemetry.ServiceDefaults.Observability;

namespace StellaOps.Telemetry.ServiceDefaults;

/// <summary>What every process of the system has in common.</summary>
public static class ServiceDefaultsExtensions
{
    private const string LiveTag = "live";

    // The local engine gives everything 10 s to be gone.
    private static readonly TimeSpan s_shutdown = TimeSpan.FromSeconds(7);

    /// <summary>Telemetry, health, problem details, tokens and scopes, resilient HTTP clients, the watch over the parent process.</summary>
    public static WebApplicationBuilder AddStellaServiceDefaults(this WebApplicationBuilder builder, string serviceName, Action<StellaServiceDefaultsOptions>? configure = null)
    {
        var options = new StellaServiceDefaultsOptions { ServiceName = serviceName };
        configure?.Invoke(options);
        builder.Configuration.Sources.Insert(0, LoggingDefaults.Source);
        builder.Services.AddSingleton(options);
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.Configure<KestrelServerOptions>(kestrel => kestrel.AddServerHeader = false);

        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = s_shutdown);
        builder.Services.AddOptions<StellaHostOptions>().BindConfiguration(StellaHostOptions.Section).ValidateOnStart();
        builder.Services.AddHostedService<ParentWatch>();
        builder.Services.AddStellaAuth();
        builder.Services.AddStellaHttp();
        builder.Services.AddOpenApi("v1");
        builder.Services.AddHealthChecks().AddCheck("self", () => HealthCheckResult.Healthy(), [LiveTag]);
        builder.AddStellaObservability(options);
        return builder;
    }

    /// <summary>The common middleware, <c>/health</c>, <c>/alive</c>, <c>/metrics</c> and <c>/openapi/v1.json</c>. Call it before mapping others.</summary>
    public static WebApplication MapStellaDefaultEndpoints(this WebApplication app)
    {
        app.UseExceptionHandler(new ExceptionHandlerOptions
        {
            StatusCodeSelector = ProblemRules.StatusOf,
            SuppressDiagnosticsCallback = context => ProblemRules.IsCallers(context.Exception, context.HttpContext),
        });
        app.UseStatusCodePages();
        app.UseAuthentication();
        app.UseAuthorization();

        app.MapHealthChecks(DefaultEndpoints.Health, new HealthCheckOptions { ResponseWriter = HealthAnswer.WriteAsync })
            .AllowWithoutScope("probes carry no token; the answer names checks only");
        app.MapHealthChecks(DefaultEndpoints.Alive, new HealthCheckOptions { ResponseWriter = HealthAnswer.WriteAsync, Predicate = c => c.Tags.Contains(LiveTag) })
            .AllowWithoutScope("probes carry no token");
        app.MapPrometheusScrapingEndpoint(DefaultEndpoints.Metrics)
            .AllowWithoutScope("scrapers carry no token; the API listener is loopback or behind the deployment's network policy, labels are bounded and hold no personal data");
        app.MapOpenApi("/openapi/{documentName}.json").AllowWithoutScope("the API's description is public");
        return app;
    }

    /// <summary>
    /// Runs until stopped. With <c>--migrate-only</c> it migrates the database and returns. A wrong setting is one line on standard error, and 1.
    /// </summary>
    public static async Task<int> RunStellaAsync(this WebApplication app, string[] args)
    {
        try
        {
            if (args.Contains("--migrate-only"))
            {
                _ = app.Services.GetRequiredService<IOptions<StellaDatabaseOptions>>().Value;
                await app.Services.GetRequiredService<DatabaseMigrator>().MigrateAsync(CancellationToken.None);
                return 0;
            }

            // The host validates too, but logs a stack trace for what is one line.
            app.Services.GetService<IStartupValidator>()?.Validate();
            await app.RunAsync();
            return 0;
        }
        catch (Exception e) when (FaultsOf(e) is { } faults)
        {
            await Console.Error.WriteLineAsync($"cannot start: {string.Join("; ", faults)}");
            return 1;
        }
    }

    private static IEnumerable<string>? FaultsOf(Exception exception) => exception switch
    {
        OptionsValidationException one => one.Failures,
        AggregateException many when many.InnerExceptions.All(e => e is OptionsValidationException) => many.InnerExceptions.Cast<OptionsValidationException>().SelectMany(e => e.Failures),
        _ => null,
    };
}
