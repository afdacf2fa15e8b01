using StellaOps.Telemetry.Contracts.Incidents;
using StellaOps.Telemetry.IngestGateway.Journal;

namespace StellaOps.Telemetry.IngestGateway.Sampling;

/// <summary>Counts what each incident keeps. Nothing is counted, and nothing spent, while no stamp of a frame names one.</summary>
internal sealed class IncidentUsage
{
    // Far above what may be raised at the same time; beyond it an incident goes uncounted.
    private const int MaxIncidents = 10_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, IncidentKept> _kept = new(StringComparer.Ordinal);
    private long _changes;

    /// <summary>Grows with every change.</summary>
    public long Changes => Interlocked.Read(ref _changes);

    /// <param name="outcomes">Of the frame's batches, in their order.</param>
    public void Add(JournalFrame frame, List<BatchOutcome> outcomes)
    {
        for (var stamp = 0; stamp < frame.Stamps.Count; stamp++)
        {
            if (frame.Stamps[stamp].IncidentId is { } incident)
            {
                Add(incident, stamp, frame, outcomes);
            }
        }
    }

    /// <summary>What was counted of the incidents that <paramref name="isWanted"/> wants; others are forgotten.</summary>
    public IReadOnlyDictionary<string, IncidentKept> Read(Func<string, bool> isWanted)
    {
        lock (_gate)
        {
            foreach (var id in _kept.Keys.Where(id => !isWanted(id)).ToList())
            {
                _kept.Remove(id);
            }

            return new SortedDictionary<string, IncidentKept>(_kept, StringComparer.Ordinal);
        }
    }

    private void Add(string incident, int stamp, JournalFrame frame, List<BatchOutcome> outcomes)
    {
        long records = 0, bytes = 0;
        for (var i = 0; i < frame.Batches.Count; i++)
        {
            var entry = outcomes[i].Entry;
            foreach (var run in frame.Batches[i].Runs)
            {
                if (run.Stamp == stamp)
                {
                    records += run.Length;
                    bytes += (long)entry.PayloadLength * run.Length / entry.RecordCount;
                }
            }
        }

        lock (_gate)
        {
            if (_kept.TryGetValue(incident, out var known) || _kept.Count < MaxIncidents)
            {
                _kept[incident] = new IncidentKept((known?.Records ?? 0) + records, (known?.Bytes ?? 0) + bytes);
            }
        }

        Interlocked.Increment(ref _changes);
    }
}
