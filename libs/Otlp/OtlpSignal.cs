namespace StellaOps.Telemetry.Otlp;

/// <summary>Which Export request the bytes are. The numbers are those of the contracts' Signal, so a cast converts.</summary>
public enum OtlpSignal : byte
{
    /// <summary>ExportTraceServiceRequest.</summary>
    Traces = 1,

    /// <summary>ExportMetricsServiceRequest.</summary>
    Metrics = 2,

    /// <summary>ExportLogsServiceRequest.</summary>
    Logs = 3,
}
