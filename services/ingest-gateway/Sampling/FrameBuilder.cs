using StellaOps.Telemetry.Archive;
using StellaOps.Telemetry.IngestGateway.Journal;
using StellaOps.Telemetry.IngestGateway.Log;
using StellaOps.Telemetry.IngestGateway.Sampling.State;

namespace StellaOps.Telemetry.IngestGateway.Sampling;

/// <summary>What became of some records of one batch.</summary>
internal readonly record struct BatchOutcome(BatchEntry Entry, long Kept, long SampledOut);

/// <summary>
/// Collects the decisions of one tick. Records are put with their batch at once, through the batch's slot in the ring: nothing is sorted but the
/// few batches, and a batch whose records were decided out of order.
/// </summary>
internal sealed class FrameBuilder(BatchRing batches, StampTable stamps, TenantTable tenants)
{
    private readonly List<ulong> _touched = [];
    private readonly List<BatchEntry> _whole = [];
    private readonly List<DecidedTrace> _traces = [];
    private readonly List<int> _stamps = [];
    private Pending[] _pending = new Pending[1024];
    private Pending[] _ofBatch = new Pending[128];
    private int[] _localOf = [];
    private int _pendingCount;
    private int _keptRecords;

    public bool IsEmpty => _touched.Count == 0 && _whole.Count == 0 && _traces.Count == 0;

    /// <summary>By batch; set by <see cref="Build"/>.</summary>
    public List<BatchOutcome> Outcomes { get; } = [];

    /// <summary>The frame's traces.</summary>
    public IReadOnlyList<DecidedTrace> Traces => _traces;

    public void Add(ulong sequence, int index, int length, int stamp)
    {
        if (_pendingCount == _pending.Length)
        {
            Array.Resize(ref _pending, _pending.Length * 2);
        }

        ref var batch = ref batches[sequence];
        if (batch.FirstPending < 0)
        {
            _touched.Add(sequence);
            batch.FirstPending = _pendingCount;
        }
        else
        {
            _pending[batch.LastPending].Next = _pendingCount;
        }

        batch.LastPending = _pendingCount;
        _pending[_pendingCount++] = new Pending { Index = index, Length = length, Stamp = LocalOf(stamp), Next = -1 };
        _keptRecords += stamp >= 0 ? length : 0;
    }

    public void KeepWhole(in BatchEntry entry) => _whole.Add(entry);

    public void AddTrace(int tenant, UInt128 traceId, int stamp) => _traces.Add(new DecidedTrace(tenants[tenant], traceId, LocalOf(stamp)));

    public JournalFrame Build(ulong number, ulong lowWatermark, long keptBefore)
    {
        Outcomes.Clear();
        _touched.Sort();
        var decisions = new BatchDecision[_whole.Count + _touched.Count];
        var kept = _keptRecords == 0 ? [] : new KeptRecord[_keptRecords];
        var runs = _pendingCount == 0 ? [] : new DecisionRun[_pendingCount];
        var (at, keptAt, runAt) = (0, 0, 0);
        var oldest = long.MaxValue;
        foreach (var entry in _whole)
        {
            decisions[at++] = BatchDecision.Whole(entry.Sequence, entry.RecordCount);
            Outcomes.Add(new BatchOutcome(entry, entry.RecordCount, 0));
            oldest = Math.Min(oldest, entry.AcceptedAtUnixNano);
        }

        foreach (var sequence in _touched)
        {
            ref var batch = ref batches[sequence];
            var (firstKept, firstRun) = (keptAt, runAt);
            var records = Write(Gather(batch.FirstPending), kept, ref keptAt, runs, ref runAt);
            decisions[at++] = new BatchDecision(
                sequence, false, records, new(kept, firstKept, keptAt - firstKept), new(runs, firstRun, runAt - firstRun));
            Outcomes.Add(new BatchOutcome(batch.Entry, keptAt - firstKept, records - (keptAt - firstKept)));
            oldest = Math.Min(oldest, batch.Entry.AcceptedAtUnixNano);
        }

        var used = new Stamp[_stamps.Count];
        for (var i = 0; i < used.Length; i++)
        {
            used[i] = stamps[_stamps[i]];
        }

        return new JournalFrame(number, lowWatermark, keptBefore, oldest == long.MaxValue ? 0 : oldest, used, decisions);
    }

    /// <summary>Begins the next frame. The batches are still in the ring.</summary>
    public void Clear()
    {
        foreach (var sequence in _touched)
        {
            ref var batch = ref batches[sequence];
            (batch.FirstPending, batch.LastPending) = (-1, -1);
        }

        foreach (var stamp in _stamps)
        {
            _localOf[stamp] = -1;
        }

        _touched.Clear();
        _whole.Clear();
        _traces.Clear();
        _stamps.Clear();
        (_pendingCount, _keptRecords) = (0, 0);
    }

    private Span<Pending> Gather(int node)
    {
        var count = 0;
        var isSorted = true;
        for (; node >= 0; node = _pending[node].Next)
        {
            if (count == _ofBatch.Length)
            {
                Array.Resize(ref _ofBatch, _ofBatch.Length * 2);
            }

            isSorted &= count == 0 || _ofBatch[count - 1].Index < _pending[node].Index;
            _ofBatch[count++] = _pending[node];
        }

        var gathered = _ofBatch.AsSpan(0, count);
        if (!isSorted)
        {
            gathered.Sort(static (a, b) => a.Index.CompareTo(b.Index));
        }

        return gathered;
    }

    private static int Write(ReadOnlySpan<Pending> pending, KeptRecord[] kept, ref int keptAt, DecisionRun[] runs, ref int runAt)
    {
        var records = 0;
        var first = runAt;
        foreach (ref readonly var part in pending)
        {
            records += part.Length;
            for (var index = part.Index; part.Stamp >= 0 && index < part.Index + part.Length; index++)
            {
                kept[keptAt++] = new KeptRecord(index, checked((ushort)part.Stamp));
            }

            if (runAt > first && runs[runAt - 1] is var last && last.Stamp == part.Stamp && last.Index + last.Length == part.Index)
            {
                runs[runAt - 1] = last with { Length = last.Length + part.Length };
            }
            else
            {
                runs[runAt++] = new DecisionRun(part.Index, part.Length, part.Stamp);
            }
        }

        return records;
    }

    private int LocalOf(int stamp)
    {
        if (stamp < 0)
        {
            return StampTable.None;
        }

        if (stamp >= _localOf.Length)
        {
            var length = _localOf.Length;
            Array.Resize(ref _localOf, Math.Max(16, stamps.Count * 2));
            _localOf.AsSpan(length).Fill(-1);
        }

        if (_localOf[stamp] < 0)
        {
            _localOf[stamp] = _stamps.Count;
            _stamps.Add(stamp);
        }

        return _localOf[stamp];
    }

    private struct Pending
    {
        public int Index;
        public int Length;
        public int Stamp;
        public int Next;
    }
}
