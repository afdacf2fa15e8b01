using System.Collections.Frozen;
using StellaOps.Telemetry.Contracts;

namespace StellaOps.Telemetry.IngestGateway.Listeners;

/// <summary>Paths of OTLP (https://opentelemetry.io/docs/specs/otlp/).</summary>
internal static class OtlpRoutes
{
    private static readonly FrozenDictionary<string, Signal> s_grpc = new Dictionary<string, Signal>
    {
        ["/opentelemetry.proto.collector.trace.v1.TraceService/Export"] = Signal.Traces,
        ["/opentelemetry.proto.collector.metrics.v1.MetricsService/Export"] = Signal.Metrics,
        ["/opentelemetry.proto.collector.logs.v1.LogsService/Export"] = Signal.Logs,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, Signal> s_http = new Dictionary<string, Signal>
    {
        ["/v1/traces"] = Signal.Traces,
        ["/v1/metrics"] = Signal.Metrics,
        ["/v1/logs"] = Signal.Logs,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static bool TryGrpc(PathString path, out Signal signal) => s_grpc.TryGetValue(path.Value ?? "", out signal);

    public static bool TryHttp(PathString path, out Signal signal) => s_http.TryGetValue(path.Value ?? "", out signal);
}
