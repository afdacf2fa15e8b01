using StellaOps.Telemetry.Archive;

namespace StellaOps.Telemetry.IngestGateway.Journal;

/// <summary>One tick of the sampler: all of it is on disk, or none. Immutable: all exporters read the same one. Bytes: <see cref="JournalFrameCodec"/>.</summary>
/// <param name="LowWatermark">Every batch below it is decided whole by this frame and those before it.</param>
/// <param name="KeptBefore">Records kept by all frames before this one, for queue depths.</param>
/// <param name="OldestAcceptedAt">Accepted-at of the oldest batch in the frame, unix nanoseconds; 0 when it has none.</param>
/// <param name="Batches">Those kept whole, then the others; each ascending by sequence.</param>
internal sealed record JournalFrame(
    ulong Number,
    ulong LowWatermark,
    long KeptBefore,
    long OldestAcceptedAt,
    IReadOnlyList<Stamp> Stamps,
    ArraySegment<BatchDecision> Batches)
{
    /// <summary>Records that the frame keeps.</summary>
    public long Kept { get; } = CountKept(Batches);

    public ulong MaxSequence { get; } = FindMaxSequence(Batches);

    private static long CountKept(ArraySegment<BatchDecision> batches)
    {
        var kept = 0L;
        foreach (var batch in batches)
        {
            kept += batch.KeptCount;
        }

        return kept;
    }

    private static ulong FindMaxSequence(ArraySegment<BatchDecision> batches)
    {
        var max = 0ul;
        foreach (var batch in batches)
        {
            max = Math.Max(max, batch.Sequence);
        }

        return max;
    }
}
