using StellaOps.Telemetry.Contracts;

namespace StellaOps.Telemetry.CaptureWorker.Sorting;

/// <summary>
/// Lets each record through once. Looks only at neighbours: identical frames stand side by side in the total order.
/// Spans are the same when their frames are; log records and data points only when they come from the same place of the same batch, since
/// two identical log lines are otherwise two.
/// </summary>
internal sealed class DuplicateFilter(Signal signal, Retransmissions retransmissions)
{
    private readonly HashSet<RecordOrigin> _origins = [];
    private byte[] _last = [];
    private int _lastLength = -1;

    /// <summary>Records let through.</summary>
    public long Kept { get; private set; }

    /// <summary>Records held back.</summary>
    public long Duplicates { get; private set; }

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
            else
            {
                Duplicates++;
            }
        }
    }

    private bool IsFirst(ReadOnlySpan<byte> bytes)
    {
        var entry = new SortEntry(bytes);
        var frame = entry.Frame;
        if (_lastLength < 0 || !frame.SequenceEqual(_last.AsSpan(0, _lastLength)))
        {
            if (_last.Length < frame.Length)
            {
                _last = new byte[Math.Max(frame.Length, _last.Length * 2)];
            }

            frame.CopyTo(_last);
            _lastLength = frame.Length;
            _origins.Clear();
            _origins.Add(retransmissions.Resolve(entry.Origin));
            return true;
        }

        return signal != Signal.Traces && _origins.Add(retransmissions.Resolve(entry.Origin));
    }
}
