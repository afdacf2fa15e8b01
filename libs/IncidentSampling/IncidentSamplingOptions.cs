using OpenTelemetry.Trace;

namespace StellaOps.Telemetry.IncidentSampling;

/// <summary>How <see cref="IncidentSamplingTracerProviderBuilderExtensions.AddIncidentSampling"/> finds its gateway. All of it has a default.</summary>
public sealed class IncidentSamplingOptions
{
    /// <summary>
    /// The gateway's OTLP/HTTP listener, <c>https://gateway.example:4318</c>. Default: <c>OTEL_EXPORTER_OTLP_ENDPOINT</c>, with the port 4318 in the
    /// place of OTLP/gRPC's 4317; <c>http://localhost:4318</c> without it.
    /// </summary>
    public Uri? Endpoint { get; set; }

    /// <summary>
    /// Headers of each request, as OTLP exporters take them: <c>authorization=Bearer%20KEY,other=value</c>, values percent-encoded. Default:
    /// <c>OTEL_EXPORTER_OTLP_HEADERS</c>.
    /// </summary>
    public string? Headers { get; set; }

    /// <summary>
    /// The service whose incidents count. Default: <c>service.name</c> of the provider's resource, which is what spans say and incidents name; else
    /// <c>OTEL_SERVICE_NAME</c>.
    /// </summary>
    public string? ServiceName { get; set; }

    /// <summary>
    /// Decides about traces that begin here while no incident is in force; during one it still keeps what it keeps. Default: the rate that the
    /// gateway's profile gives the service, and every trace until the gateway has answered for the first time.
    /// </summary>
    public Sampler? BaseSampler { get; set; }

    /// <summary>Makes the client, such as one with a client certificate. It is disposed with the provider; its time-out should be above 40 s.</summary>
    public Func<HttpClient>? HttpClientFactory { get; set; }

    /// <summary>The clock by which an incident ends and attempts wait.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;
}
