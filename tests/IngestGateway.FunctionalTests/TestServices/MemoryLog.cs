using System.Collections.Concurrent;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.IngestGateway.Pipeline;

namespace StellaOps.Telemetry.IngestGateway.FunctionalTests.TestServices;

/// <summary>What was appended, copied: the listeners' side of the log's border.</summary>
internal sealed class MemoryLog : IBatchLog
{
    public ConcurrentQueue<LoggedBatch> Batches { get; } = new();

    /// <summary>What every append answers.</summary>
    public AppendOutcome Outcome { get; set; } = AppendOutcome.Accepted;

    public ValueTask<AppendOutcome> AppendAsync(IngestBatch batch, CancellationToken cancellationToken)
    {
        if (Outcome == AppendOutcome.Accepted)
        {
            Batches.Enqueue(new LoggedBatch(batch.Tenant.Value, batch.Signal, batch.Payload.ToArray(), batch.RecordCount, batch.ReplayMark, Convert.ToHexStringLower(batch.ProfileHash.Span)));
        }

        return new(Outcome);
    }
}

internal sealed record LoggedBatch(string Tenant, Signal Signal, byte[] Payload, int Records, string? ReplayMark, string ProfileHash);
