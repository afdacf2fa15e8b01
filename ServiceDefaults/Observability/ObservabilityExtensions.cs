using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace StellaOps.Telemetry.ServiceDefaults.Observability;

internal static class ObservabilityExtensions
{
    private static readonly PathString[] s_untraced = [DefaultEndpoints.Health, DefaultEndpoints.Alive, DefaultEndpoints.Metrics];

    public static void AddStellaObservability(this WebApplicationBuilder builder, StellaServiceDefaultsOptions options)
    {
        var endpointSet = !string.IsNullOrWhiteSpace(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]);
        var telemetry = builder.Services.AddOpenTelemetry()
            .ConfigureResource(r =>
            {
                if (string.IsNullOrWhiteSpace(builder.Configuration["OTEL_SERVICE_NAME"]))
                {
                    r.AddService(options.ServiceName);
                }
            })
            .WithMetrics(metrics => metrics
                .AddAspNetCoreInstrumentation()
                .AddHttpClientInstrumentation()
                .AddRuntimeInstrumentation()
                .AddMeter("StellaOps.Telemetry.*")
                .AddPrometheusExporter())
            .WithTracing(tracing => tracing
                .AddSource("StellaOps.Telemetry.*")
                .AddNpgsql()
                .AddAspNetCoreInstrumentation(o => o.Filter = context =>
                    !s_untraced.Any(p => context.Request.Path.StartsWithSegments(p)) && options.TraceRequest(context))
                .AddHttpClientInstrumentation());

        // Instruments are found by their meter's name in the whole process. Where several hosts share one, as in tests, each would show the others'
        // numbers under the same name, and lose its own when another is disposed. Those of no factory (the runtime's) belong to all.
        builder.Services.ConfigureOpenTelemetryMeterProvider((services, metrics) =>
        {
            var own = services.GetRequiredService<IMeterFactory>();
            metrics.AddView(instrument => instrument.Meter.Scope is IMeterFactory other && other != own ? MetricStreamConfiguration.Drop : null);
        });

        // Without a target nothing is exported; logs go through the provider only with one, else each record would be formatted for nobody.
        if (endpointSet)
        {
            builder.Logging.AddOpenTelemetry(o =>
            {
                o.IncludeFormattedMessage = true;
                o.IncludeScopes = true;
            });
            telemetry.UseOtlpExporter();
        }
    }
}
