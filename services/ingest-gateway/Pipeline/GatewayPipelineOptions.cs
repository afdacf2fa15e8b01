namespace StellaOps.Telemetry.IngestGateway.Pipeline;

/// <summary>Where the pipeline lives.</summary>
internal sealed class GatewayPipelineOptions
{
    /// <summary>This gateway's name in envelopes, segments and the ledger.</summary>
    public required string GatewayId { get; init; }

    /// <summary>Folder of log, journal, cursors, ledger and dead letters. One process at a time.</summary>
    public required string DataPath { get; init; }

    /// <summary>How long an OTLP exporter waits for more of a tenant before it sends a request that is not full.</summary>
    public TimeSpan ExportLinger { get; init; } = TimeSpan.FromMilliseconds(200);
}
