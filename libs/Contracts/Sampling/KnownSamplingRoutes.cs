namespace StellaOps.Telemetry.Contracts.Sampling;

/// <summary>Where SDKs ask what to begin: on the gateway's OTLP/HTTP listener.</summary>
public static class KnownSamplingRoutes
{
    /// <summary><c>GET ?service=NAME&amp;wait=SECONDS</c>, with <c>If-None-Match</c>: answers when it says something else, or after the wait with 304.</summary>
    public const string Follow = "/v1/sampling";

    /// <summary><c>GET ?service=NAME</c>, as Jaeger's agent and the Collector answer.</summary>
    public const string Jaeger = "/sampling";

    /// <summary>The same, as Jaeger's collector answers.</summary>
    public const string JaegerCollector = "/api/sampling";

    /// <summary>The longest <c>wait</c>, in seconds.</summary>
    public const int MaxWaitSeconds = 30;

    /// <summary>The longest <c>service</c>, in characters.</summary>
    public const int MaxServiceName = 255;
}
