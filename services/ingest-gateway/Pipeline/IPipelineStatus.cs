using StellaOps.Telemetry.Contracts.Gateways;

namespace StellaOps.Telemetry.IngestGateway.Pipeline;

/// <summary>What the pipeline says of itself, for metrics, the admin API and the heartbeat.</summary>
internal interface IPipelineStatus
{
    /// <summary>From the oldest record in the log to now; 0 when the log is empty.</summary>
    double RecorderSpanSeconds { get; }

    /// <summary>Bytes of the preallocated log files.</summary>
    long LogBytes { get; }

    /// <summary>Bytes copied aside for lagging exporters.</summary>
    long SpillBytes { get; }

    /// <summary>Logged batches that the disk did not give back, since the start.</summary>
    long LostBatches { get; }

    /// <summary>Why batches are refused, or soon will be: the disk, the log's or the spill's bound; null when all is well.</summary>
    string? Trouble { get; }

    /// <summary>The sequence that the next batch gets.</summary>
    ulong NextSequence { get; }

    /// <summary>Accepted-at of the oldest record in the log, unix nanoseconds; null when it is empty.</summary>
    long? EarliestAcceptedAtUnixNano { get; }

    /// <summary>Spans that the sampler holds undecided.</summary>
    long UndecidedRecords { get; }

    /// <summary>Traces that the sampler holds undecided.</summary>
    long BufferedTraces { get; }

    /// <summary>Share of the spans decided in the last minute that were kept, 0 to 100; 100 when none were decided.</summary>
    double SamplingPercent { get; }

    /// <summary>One per exporter.</summary>
    IReadOnlyList<ExporterStatus> Exporters { get; }
}
