namespace StellaOps.Telemetry.Contracts.Gateways;

/// <summary>What a gateway says of itself over OpAMP, and who decides by it has to know.</summary>
public static class KnownFleet
{
    /// <summary>Identifying attribute <c>service.name</c> of every gateway; whoever has another is a stock Collector or a third party's agent.</summary>
    public const string GatewayServiceName = "stella-ingest-gateway";

    /// <summary>Names of attributes of the agent's description, as OpenTelemetry's semantic conventions name them.</summary>
    public const string ServiceName = "service.name";
    public const string ServiceInstanceId = "service.instance.id";
    public const string ServiceVersion = "service.version";
    public const string HostName = "host.name";
    public const string HostArch = "host.arch";
    public const string OsType = "os.type";
    public const string OsDescription = "os.description";

    /// <summary>Health attribute, a whole number: export attempts that failed since the start.</summary>
    public const string ExportFailures = "telemetry.export.failures";

    /// <summary>Health attribute, a whole number: requests that were refused since the start.</summary>
    public const string Refusals = "telemetry.ingest.refusals";

    /// <summary>Health attribute, whole seconds: age of the oldest record that an exporter has not delivered.</summary>
    public const string QueueOldestSeconds = "telemetry.queue.oldest.seconds";

    /// <summary>Health attribute, a whole number: kept records that an exporter has not delivered.</summary>
    public const string QueueRecords = "telemetry.queue.records";

    /// <summary>Prefix of an exporter's name among the components of the health.</summary>
    public const string ExporterComponent = "exporter/";

    /// <summary>The component that is the log and what it refuses.</summary>
    public const string LogComponent = "log";

    /// <summary>File of the effective configuration that says which profile is in force: <see cref="ProfileInForce"/> as JSON.</summary>
    public const string ProfileFile = "profile.json";
}
