namespace StellaOps.Telemetry.IngestGateway.Exporters;

/// <summary>
/// The frames that are on their way, in order. Requests end in any order; the cursor moves over a frame once it and all before it are done,
/// and what became of their records is counted at that moment, so that a repeat after a crash is not counted twice.
/// </summary>
internal sealed class FrameProgress(ExporterCursor cursor)
{
    private readonly Lock _lock = new();

    // Bounded by the bytes that an exporter takes in before it waits.
    private readonly Queue<Frame> _open = new();

    /// <summary>A frame that is being taken in; it is not done before its own <see cref="Settle"/>.</summary>
    public Frame Begin(ulong number)
    {
        var frame = new Frame(number);
        lock (_lock)
        {
            _open.Enqueue(frame);
        }

        return frame;
    }

    /// <summary>One more batch of the frame is on its way.</summary>
    public void Expect(Frame frame)
    {
        lock (_lock)
        {
            frame.Pending++;
        }
    }

    /// <summary>One batch of the frame, or the taking in of it, has come to its end.</summary>
    public void Settle(Frame frame, long exported, long deadLettered)
    {
        lock (_lock)
        {
            frame.Pending--;
            frame.Exported += exported;
            frame.DeadLettered += deadLettered;
            while (_open.TryPeek(out var first) && first.Pending == 0)
            {
                _open.Dequeue();
                cursor.Advance(first.Number, first.Exported, first.DeadLettered);
            }
        }
    }

    /// <summary>Forgets what did not come to its end; it begins again at the cursor.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            _open.Clear();
        }
    }

    /// <summary>One frame; its numbers are guarded by the lock of the progress that began it.</summary>
    internal sealed class Frame(ulong number)
    {
        public ulong Number => number;

        public int Pending { get; set; } = 1;

        public long Exported { get; set; }

        public long DeadLettered { get; set; }
    }
}
