using StellaOps.Telemetry.Contracts;

namespace StellaOps.Telemetry.CaptureWorker.Sorting;

/// <summary>
/// Lets each record through once. Looks only at neighbours: identical frames stand side by side in the total order, ordered by their origin.
/// Spans are the same when their frames are; log records and data points only when they come from the same place of the same batch, or of
/// one that was sent again within ten minutes, since two identical log lines are otherwise two. Memory: the last frame.
/// </summary>
/// <param name="voided">Chunks that turned out to be damaged: nothing of them is let through.</param>
internal sealed class DuplicateFilter(Signal signal, IReadOnlySet<int> voided)
{
    /// <summary>How long after the first one an identical batch is taken for the same (architecture.md: Records).</summary>
    public static readonly TimeSpan Span = TimeSpan.FromMinutes(10);

    private static readonly long s_spanNanoseconds = (long)Span.TotalNanoseconds;
    private byte[] _last = [];
    private int _lastLength = -1;
    private RecordOrigin _lastOrigin;
    private RecordOrigin _keptOrigin;

    /// <summary>Records let through.</summary>
    public long Kept { get; private set; }

    /// <summary>Held back: our own copies of a record, such as the one that sampling kept beside the promoted one.</summary>
    public long Copies { get; private set; }

    /// <summary>Held back: what a sender sent again.</summary>
    public long Retransmitted { get; private set; }

    /// <summary>The frames to keep, each valid until the next one is asked for.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> Frames(IEnumerable<ReadOnlyMemory<byte>> sortedEntries)
    {
        foreach (var entry in sortedEntries)
        {
            if (IsFirst(entry.Span))
            {
                Kept++;
                yield return entry[SortEntry.FrameStart..];
            }
        }
    }

    private bool IsFirst(ReadOnlySpan<byte> bytes)
    {
        var entry = new SortEntry(bytes);
        if (voided.Count > 0 && voided.Contains(entry.Chunk))
        {
            return false;
        }

        var frame = entry.Frame;
        var origin = entry.Origin;
        var last = _lastOrigin;
        _lastOrigin = origin;
        if (_lastLength < 0 || !frame.SequenceEqual(_last.AsSpan(0, _lastLength)))
        {
            if (_last.Length < frame.Length)
            {
                _last = new byte[Math.Max(frame.Length, _last.Length * 2)];
            }

            frame.CopyTo(_last);
            _lastLength = frame.Length;
        }
        else if (origin == last)
        {
            Copies++;
            return false;
        }
        else if (signal == Signal.Traces || IsRepetition(origin))
        {
            Retransmitted++;
            return false;
        }

        _keptOrigin = origin;
        return true;
    }

    private bool IsRepetition(in RecordOrigin origin) =>
        origin.BatchHash == _keptOrigin.BatchHash && origin.Index == _keptOrigin.Index && origin.AcceptedAt - _keptOrigin.AcceptedAt <= s_spanNanoseconds;
}
