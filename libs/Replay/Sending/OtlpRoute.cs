using StellaOps.Telemetry.Contracts;

namespace StellaOps.Telemetry.Replay.Sending;

/// <summary>Where a signal goes (https://opentelemetry.io/docs/specs/otlp/).</summary>
internal static class OtlpRoute
{
    /// <summary>Below the endpoint's own path, as exporters do it.</summary>
    public static string Http(Signal signal) => $"v1/{signal.ToName()}";

    /// <summary>gRPC has no path of the endpoint's.</summary>
    public static string Grpc(Signal signal) => signal switch
    {
        Signal.Traces => "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
        Signal.Metrics => "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
        Signal.Logs => "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
        _ => throw new ArgumentOutOfRangeException(nameof(signal), signal, "not an OTLP signal"),
    };
}
