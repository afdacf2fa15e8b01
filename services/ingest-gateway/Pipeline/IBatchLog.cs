using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.IngestGateway.Pipeline;

/// <summary>A redacted batch on its way into the log. The payload is borrowed until the append returns.</summary>
/// <param name="Payload">One OTLP Export request, protobuf, valid and redacted: these very bytes are logged.</param>
/// <param name="RecordCount">Spans, log records or data points in it; at least 1.</param>
/// <param name="ProfileHash">Of the profile by which it was treated.</param>
internal readonly record struct IngestBatch(TenantId Tenant, Signal Signal, ReadOnlyMemory<byte> Payload, int RecordCount, string? ReplayMark, ReadOnlyMemory<byte> ProfileHash);

/// <summary>What became of an append.</summary>
internal enum AppendOutcome
{
    /// <summary>Safe as far as the profile's durability promises: acknowledge.</summary>
    Accepted,

    /// <summary>A replay's batch that was taken before, and was not logged again: acknowledge.</summary>
    AcceptedBefore,

    /// <summary>The replay had another batch of that ordinal; final.</summary>
    ReplayConflict,

    /// <summary>The same batch of a replay is being appended; retryable.</summary>
    ReplayInFlight,

    /// <summary>The tenant holds its share of the log; retryable.</summary>
    TenantShareExceeded,

    /// <summary>The log is full because an exporter or the disk cannot follow; retryable.</summary>
    LogFull,

    /// <summary>The disk refused; retryable.</summary>
    DiskFailed,

    /// <summary>The process is stopping; retryable.</summary>
    Stopping,
}

/// <summary>The one log, as listeners see it.</summary>
internal interface IBatchLog
{
    /// <summary>Appends once; returns when the profile's durability is reached.</summary>
    ValueTask<AppendOutcome> AppendAsync(IngestBatch batch, CancellationToken cancellationToken);
}
