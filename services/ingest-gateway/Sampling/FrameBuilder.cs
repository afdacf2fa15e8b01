using StellaOps.Telemetry.Archive;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.IngestGateway.Journal;
using StellaOps.Telemetry.IngestGateway.Log;

namespace StellaOps.Telemetry.IngestGateway.Sampling;

/// <summary>What became of some records of one batch.</summary>
internal readonly record struct BatchOutcome(BatchEntry Entry, long Kept, long SampledOut);

/// <summary>Collects the decisions of one tick and groups them by batch.</summary>
internal sealed class FrameBuilder
{
    private readonly List<(Position Position, BatchEntry Entry, int Stamp)> _records = [];
    private readonly List<BatchEntry> _whole = [];
    private readonly List<(TenantId, UInt128, int)> _traces = [];
    private readonly List<Stamp> _stamps = [];
    private readonly Dictionary<Stamp, int> _stampIndexes = [];

    public bool IsEmpty => _records.Count == 0 && _whole.Count == 0 && _traces.Count == 0;

    /// <summary>By batch; set by <see cref="Build"/>.</summary>
    public List<BatchOutcome> Outcomes { get; } = [];

    public void Add(Position position, in BatchEntry entry, Stamp? stamp) => _records.Add((position, entry, IndexOf(stamp)));

    public void KeepWhole(in BatchEntry entry) => _whole.Add(entry);

    public void AddTrace(TraceKey trace, Stamp? stamp) => _traces.Add((trace.Tenant, trace.TraceId, IndexOf(stamp)));

    public JournalFrame Build(ulong number, ulong lowWatermark, long keptBefore)
    {
        Outcomes.Clear();
        _records.Sort((a, b) => a.Position.Sequence != b.Position.Sequence
            ? a.Position.Sequence.CompareTo(b.Position.Sequence)
            : a.Position.Index.CompareTo(b.Position.Index));
        var batches = new List<BatchDecision>();
        var oldest = long.MaxValue;
        foreach (var entry in _whole)
        {
            batches.Add(new BatchDecision(entry.Sequence, true, [], []));
            Outcomes.Add(new BatchOutcome(entry, entry.RecordCount, 0));
            oldest = Math.Min(oldest, entry.AcceptedAtUnixNano);
        }

        for (var at = 0; at < _records.Count;)
        {
            var entry = _records[at].Entry;
            var kept = new List<KeptRecord>();
            var dropped = new List<int>();
            for (; at < _records.Count && _records[at].Position.Sequence == entry.Sequence; at++)
            {
                if (_records[at].Stamp >= 0)
                {
                    kept.Add(new KeptRecord(_records[at].Position.Index, checked((ushort)_records[at].Stamp)));
                }
                else
                {
                    dropped.Add(_records[at].Position.Index);
                }
            }

            batches.Add(new BatchDecision(entry.Sequence, false, kept, dropped));
            Outcomes.Add(new BatchOutcome(entry, kept.Count, dropped.Count));
            oldest = Math.Min(oldest, entry.AcceptedAtUnixNano);
        }

        return new JournalFrame(
            number, lowWatermark, keptBefore, oldest == long.MaxValue ? 0 : oldest, [.. _stamps], batches, [.. _traces], [.. _whole.Select(e => e.RecordCount)]);
    }

    public void Clear()
    {
        _records.Clear();
        _whole.Clear();
        _traces.Clear();
        _stamps.Clear();
        _stampIndexes.Clear();
    }

    private int IndexOf(Stamp? stamp)
    {
        if (stamp is null)
        {
            return -1;
        }

        if (!_stampIndexes.TryGetValue(stamp, out var index))
        {
            _stampIndexes.Add(stamp, index = _stamps.Count);
            _stamps.Add(stamp);
        }

        return index;
    }
}
