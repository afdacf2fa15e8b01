using Microsoft.Win32.SafeHandles;

namespace StellaOps.Telemetry.IngestGateway.Journal;

/// <summary>
/// One file of the journal. What is asked of every file stays in memory; where its frames stand does only while somebody reads them: days of a
/// dead target are tens of millions of frames. Guarded by the journal's lock.
/// </summary>
internal sealed class JournalFile(string path, SafeFileHandle handle, ulong firstFrame) : IDisposable
{
    private List<FrameInfo>? _index = [];
    private int _count;

    public string Path => path;

    public SafeFileHandle Handle => handle;

    public ulong FirstFrame => firstFrame;

    /// <summary>Number of the frame behind its last one.</summary>
    public ulong NextFrame => firstFrame + (ulong)_count;

    public long Tail { get; private set; }

    /// <summary>The highest sequence that its frames decide.</summary>
    public ulong MaxSequence { get; private set; }

    /// <summary>Of its last frame; watermarks never fall.</summary>
    public ulong LowWatermark { get; private set; }

    /// <summary>A frame was written, or found, at the tail.</summary>
    public void Add(JournalFrame frame, int length)
    {
        _index?.Add(new FrameInfo((int)Tail, length, frame));
        _count++;
        Tail += length;
        MaxSequence = Math.Max(MaxSequence, frame.MaxSequence);
        LowWatermark = frame.LowWatermark;
    }

    /// <summary>What is known of one of its frames.</summary>
    public FrameInfo Info(ulong number) => (_index ??= ReadIndex())[(int)(number - firstFrame)];

    /// <summary>Forgets where its frames stand, until somebody asks again.</summary>
    public void ForgetIndex() => _index = null;

    public byte[] ReadBytes(ulong number)
    {
        var info = Info(number);
        var bytes = new byte[info.Length];
        return RandomAccess.Read(handle, bytes, info.Offset) == bytes.Length && JournalFrameCodec.IsSound(bytes)
            ? bytes
            : throw new IOException($"frame {number} of the decision journal is damaged");
    }

    public void Dispose() => handle.Dispose();

    private List<FrameInfo> ReadIndex()
    {
        var bytes = new byte[Tail];
        for (var read = 0; read < bytes.Length;)
        {
            var got = RandomAccess.Read(handle, bytes.AsSpan(read), read);
            read += got > 0 ? got : throw new IOException($"{path} of the decision journal ends at {read} instead of {Tail}");
        }

        var index = new List<FrameInfo>(_count);
        for (var offset = 0; index.Count < _count;)
        {
            var number = firstFrame + (ulong)index.Count;
            var rest = bytes.AsSpan(offset);
            var length = rest.Length >= JournalFrameCodec.HeaderLength ? JournalFrameCodec.LengthOf(rest) : 0;
            if (length == 0 || length > rest.Length || !JournalFrameCodec.IsSound(rest[..length]))
            {
                throw new IOException($"frame {number} of the decision journal is damaged");
            }

            index.Add(new FrameInfo(offset, length, JournalFrameCodec.Decode(rest[..length])));
            offset += length;
        }

        return index;
    }
}

/// <summary>Where a frame stands in its file, and what is asked of it without reading it.</summary>
internal readonly record struct FrameInfo(int Offset, int Length, ulong LowWatermark, long KeptBefore, long OldestAcceptedAt, ulong MaxSequence)
{
    public FrameInfo(int offset, int length, JournalFrame frame)
        : this(offset, length, frame.LowWatermark, frame.KeptBefore, frame.OldestAcceptedAt, frame.MaxSequence)
    {
    }
}
