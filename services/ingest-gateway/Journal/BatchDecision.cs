using StellaOps.Telemetry.Archive;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.IngestGateway.Journal;

/// <summary>Neighbouring records of a batch with one fate. <paramref name="Stamp"/> points into the frame's stamps; -1: sampled out.</summary>
internal readonly record struct DecisionRun(int Index, int Length, int Stamp);

/// <summary>What was decided of one batch in one frame. Segments of the frame's arrays: no object per batch.</summary>
/// <param name="IsWhole">All of it is kept, for no stamp.</param>
/// <param name="RecordCount">Records decided here; all of the batch where it is whole.</param>
/// <param name="Kept">The records kept, ascending; empty where the batch is whole.</param>
/// <param name="Runs">Kept and sampled out, ascending; empty where the batch is whole.</param>
internal readonly record struct BatchDecision(
    ulong Sequence, bool IsWhole, int RecordCount, ArraySegment<KeptRecord> Kept, ArraySegment<DecisionRun> Runs)
{
    public int KeptCount => IsWhole ? RecordCount : Kept.Count;

    public int SampledOutCount => RecordCount - KeptCount;

    /// <summary>Indexes of the records that are not kept, ascending.</summary>
    public IEnumerable<int> SampledOut => Runs.Where(r => r.Stamp < 0).SelectMany(r => Enumerable.Range(r.Index, r.Length));

    public static BatchDecision Whole(ulong sequence, int recordCount) => new(sequence, true, recordCount, ArraySegment<KeptRecord>.Empty, ArraySegment<DecisionRun>.Empty);
}

/// <summary>What was decided of a trace, for late spans. <paramref name="Stamp"/> points into the frame's stamps; -1: sampled out.</summary>
internal readonly record struct DecidedTrace(TenantId Tenant, UInt128 TraceId, int Stamp);
