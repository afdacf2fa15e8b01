using StellaOps.Telemetry.Contracts.Archive;

namespace StellaOps.Telemetry.Archive.Scrubbing;

/// <summary>A report in the making. Not for use by two threads at once.</summary>
public sealed class ScrubTally
{
    private readonly List<ScrubFinding> _findings;
    private readonly List<string> _notes;
    private readonly Dictionary<string, RootHead> _heads;
    private readonly HashSet<(string Kind, string Key, string What)> _seen;

    /// <param name="sofar">Of the part that was scrubbed before this process began.</param>
    public ScrubTally(ScrubReport? sofar = null)
    {
        sofar ??= ScrubReport.Empty;
        (Tenants, Days, Chunks, Records, StoredBytes, Tombstones, Roots, Unrooted, FindingCount) =
            (sofar.Tenants, sofar.Days, sofar.Chunks, sofar.Records, sofar.StoredBytes, sofar.Tombstones, sofar.Roots, sofar.Unrooted, sofar.FindingCount);
        (_findings, _notes, _heads) = ([.. sofar.Findings], [.. sofar.Notes], new Dictionary<string, RootHead>(sofar.Heads));
        _seen = [.. _findings.Select(f => (f.Kind, f.Key, f.What))];
    }

    internal long Tenants { get; set; }

    internal long Days { get; set; }

    internal long Chunks { get; set; }

    internal long Records { get; set; }

    internal long StoredBytes { get; set; }

    internal long Tombstones { get; set; }

    internal long Roots { get; set; }

    internal long Unrooted { get; set; }

    internal long FindingCount { get; private set; }

    internal void Head(string tenant, RootHead head) => _heads[tenant] = head;

    /// <summary>Something is wrong. The same twice, as after a resumption, counts once.</summary>
    internal void Find(string kind, string key, string what)
    {
        if (_findings.Count < ScrubReport.MaxFindings ? _seen.Add((kind, key, what)) : !_seen.Contains((kind, key, what)))
        {
            FindingCount++;
            if (_findings.Count < ScrubReport.MaxFindings)
            {
                _findings.Add(new ScrubFinding(kind, key, what, KnownFindings.MendOf(kind)));
            }
        }
    }

    internal void Note(string text)
    {
        if (_notes.Count < ScrubReport.MaxNotes && !_notes.Contains(text))
        {
            _notes.Add(text);
        }
    }

    /// <summary>As it stands.</summary>
    public ScrubReport ToReport() => new(
        Tenants, Days, Chunks, Records, StoredBytes, Tombstones, Roots, Unrooted, FindingCount, [.. _findings], [.. _notes], new Dictionary<string, RootHead>(_heads));
}
