namespace StellaOps.Telemetry.Contracts.Fleet;

/// <summary>Names that agents and the profile service agree on.</summary>
public static class KnownFleet
{
    /// <summary><c>service.name</c> of our gateway: it gets signed deployments and judges them itself. Everything else is a Collector.</summary>
    public const string Gateway = "stella-ingest-gateway";

    /// <summary>Path of the OpAMP server, for WebSocket and plain HTTP.</summary>
    public const string OpAmpPath = "/v1/opamp";

    /// <summary>
    /// The component in a gateway's health (OpAMP <c>component_health_map</c>) whose <c>status</c> holds its own metrics, as
    /// <c>export_failures=12 refusals=0 queue_oldest_seconds=0.4</c>: names below, numbers with a point, parted by one space.
    /// </summary>
    public const string MetricsComponent = "metrics";

    /// <summary>Batches that a store refused or did not take, since the gateway's start.</summary>
    public const string ExportFailures = "export_failures";

    /// <summary>Requests that the gateway refused for its own reasons (overload, a full log), since its start; a sender's fault does not count.</summary>
    public const string Refusals = "refusals";

    /// <summary>Age of the oldest record that an exporter has yet to send, in seconds.</summary>
    public const string QueueOldestSeconds = "queue_oldest_seconds";
}
