using System.Collections.Concurrent;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.IngestGateway.Pipeline;

namespace StellaOps.Telemetry.IngestGateway.FunctionalTests.TestServices;

/// <summary>What was appended, copied: the listeners' side of the log's border.</summary>
internal sealed class MemoryLog : IBatchLog
{
    private int _waiting;

    public ConcurrentQueue<LoggedBatch> Batches { get; } = new();

    /// <summary>What every append answers.</summary>
    public AppendOutcome Outcome { get; set; } = AppendOutcome.Accepted;

    /// <summary>What every append waits for, as for a slow disk; null: nothing.</summary>
    public TaskCompletionSource? Gate { get; set; }

    /// <summary>Appends that wait.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    public async ValueTask<AppendOutcome> AppendAsync(IngestBatch batch, CancellationToken cancellationToken)
    {
        if (Gate is { } gate)
        {
            Interlocked.Increment(ref _waiting);
            await gate.Task;
            Interlocked.Decrement(ref _waiting);
        }

        if (Outcome == AppendOutcome.Accepted)
        {
            Batches.Enqueue(new LoggedBatch(batch.Tenant.Value, batch.Signal, batch.Payload.ToArray(), batch.RecordCount, batch.ReplayMark, Convert.ToHexStringLower(batch.ProfileHash.Span)));
        }

        return Outcome;
    }
}

internal sealed record LoggedBatch(string Tenant, Signal Signal, byte[] Payload, int Records, string? ReplayMark, string ProfileHash);
