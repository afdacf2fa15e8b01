using System.Globalization;
using StellaOps.Telemetry.IngestGateway.Log;
using StellaOps.Telemetry.IngestGateway.Pipeline;
using StellaOps.Telemetry.Profiles.Gateway;

namespace StellaOps.Telemetry.IngestGateway.Journal;

/// <summary>The sampler's decisions in order, numbered from 1. One writer; readers see whole frames only.</summary>
internal sealed partial class DecisionJournal : IDisposable
{
    private const int DefaultMaxFileBytes = 8 << 20;

    /// <summary>Files, besides the last, whose index is in memory: one for each reader that lags somewhere else.</summary>
    private const int MaxIndexes = 6;

    private readonly Lock _lock = new();
    private readonly string _folder;
    private volatile bool _sync;
    private readonly int _maxFileBytes;
    private readonly ILogger _logger;
    private readonly List<JournalFile> _files = [];
    private readonly List<JournalFile> _indexed = [];
    private readonly RecentFrames _recent = new();
    private readonly FrameBytes _bytes = new();
    private long _keptTotal;

    public DecisionJournal(string dataPath, bool sync, ILogger<DecisionJournal> logger, int maxFileBytes = DefaultMaxFileBytes)
    {
        (_folder, _sync, _logger, _maxFileBytes) = (Path.Combine(dataPath, "journal"), sync, logger, maxFileBytes);
        Directory.CreateDirectory(_folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var expected = 0ul;
        foreach (var path in Directory.EnumerateFiles(_folder, "*.journal").Order(StringComparer.Ordinal).ToList())
        {
            var first = ulong.Parse(Path.GetFileNameWithoutExtension(path), CultureInfo.InvariantCulture);
            if (expected != 0 && first != expected)
            {
                File.Delete(path);
                continue;
            }

            expected = Load(path, first);
        }
    }

    /// <summary>Pulsed after each frame.</summary>
    public PulseSignal Committed { get; } = new();

    /// <summary>Number of the last frame; 0 before the first.</summary>
    public ulong LastFrame
    {
        get
        {
            lock (_lock)
            {
                return _files.Count == 0 ? 0 : _files[^1].NextFrame - 1;
            }
        }
    }

    public ulong FirstFrame
    {
        get
        {
            lock (_lock)
            {
                return _files.Count == 0 ? 1 : _files[0].FirstFrame;
            }
        }
    }

    /// <summary>Records kept by all frames.</summary>
    public long KeptTotal => Interlocked.Read(ref _keptTotal);

    /// <summary>The highest sequence that any frame or watermark speaks of.</summary>
    public ulong MaxSequence
    {
        get
        {
            lock (_lock)
            {
                return _files.Max(f => (ulong?)Math.Max(f.MaxSequence, Math.Max(f.LowWatermark, 1) - 1)) ?? 0;
            }
        }
    }

    /// <summary>The log that a reader needs who has done all frames up to this one.</summary>
    public ulong LowAfter(ulong frame)
    {
        lock (_lock)
        {
            return Find(frame) is { } file ? file.Info(frame).LowWatermark : 1;
        }
    }

    /// <summary>Kept records, and accepted-at of the oldest, of the frames after this one.</summary>
    public (long Records, long? OldestAcceptedAt) PendingAfter(ulong frame)
    {
        lock (_lock)
        {
            if (Find(frame + 1) is not { } file)
            {
                return (0, null);
            }

            var next = file.Info(frame + 1);
            return (_keptTotal - next.KeptBefore, next.OldestAcceptedAt > 0 ? next.OldestAcceptedAt : null);
        }
    }

    /// <summary>The frames after this one that may decide batches from first to last, all of which are decided.</summary>
    public IReadOnlyList<ulong> FramesOf(ulong after, ulong first, ulong last)
    {
        var found = new List<ulong>();
        lock (_lock)
        {
            foreach (var file in _files.Where(f => f.NextFrame > after + 1))
            {
                AddFramesOf(file, after, first, last, found);
                if (file.LowWatermark > last)
                {
                    break;
                }
            }
        }

        return found;
    }

    /// <summary>Syncs frames, or not, from the next one on.</summary>
    public void Apply(Durability durability) => _sync = durability == Durability.Fsync;

    /// <summary>Writes a frame; it is decided from here on.</summary>
    public void Append(JournalFrame frame, IReadOnlyList<DecidedTrace> traces)
    {
        JournalFrameCodec.Encode(frame, traces, _bytes);
        var bytes = _bytes.WrittenMemory.Span;
        JournalFile file;
        lock (_lock)
        {
            if (_files.Count == 0 || _files[^1].Tail + bytes.Length > _maxFileBytes)
            {
                var path = Path.Combine(_folder, frame.Number.ToString("d20", CultureInfo.InvariantCulture) + ".journal");
                Add(new JournalFile(path, File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read, FileOptions.None, _maxFileBytes), frame.Number));
            }

            file = _files[^1];
        }

        RandomAccess.Write(file.Handle, bytes, file.Tail);
        if (_sync)
        {
            DataSync.Flush(file.Handle);
        }

        lock (_lock)
        {
            Add(file, frame, bytes.Length);
            _recent.Add(frame);
        }

        Committed.Pulse();
    }

    /// <summary>Reads a frame; null when it is not there (yet, or any more).</summary>
    public JournalFrame? Read(ulong number)
    {
        lock (_lock)
        {
            if (_recent.Find(number) is { } recent && number >= _files[0].FirstFrame)
            {
                return recent;
            }

            if (Find(number) is not { } file)
            {
                return null;
            }

            var frame = JournalFrameCodec.Decode(file.ReadBytes(number));
            _recent.Add(frame);
            return frame;
        }
    }

    /// <summary>Reads a frame and the traces that it decides; null when it is not there.</summary>
    public JournalFrame? Read(ulong number, List<DecidedTrace> traces)
    {
        lock (_lock)
        {
            return Find(number) is { } file ? JournalFrameCodec.Decode(file.ReadBytes(number), traces) : null;
        }
    }

    /// <summary>The frames, in order, that decide something of batches at or above this one.</summary>
    public IReadOnlyList<ulong> FramesFrom(ulong sequence)
    {
        lock (_lock)
        {
            var numbers = new List<ulong>();
            foreach (var file in _files)
            {
                AddFramesOf(file, 0, sequence, ulong.MaxValue, numbers);
            }

            return numbers;
        }
    }

    /// <summary>Deletes files that nobody reads again: all frames done by all readers, all batches gone from the log.</summary>
    public void Trim(ulong doneByAll, ulong firstSequence)
    {
        lock (_lock)
        {
            while (_files.Count > 1)
            {
                var oldest = _files[0];
                if (oldest.NextFrame - 1 >= doneByAll || oldest.MaxSequence >= firstSequence)
                {
                    return;
                }

                oldest.Dispose();
                File.Delete(oldest.Path);
                _files.RemoveAt(0);
                _indexed.Remove(oldest);
            }
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            foreach (var file in _files)
            {
                file.Dispose();
            }
        }
    }

    /// <summary>The file that holds a frame, its index in memory; null when there is none.</summary>
    private JournalFile? Find(ulong number)
    {
        var (low, high) = (0, _files.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            if (number < _files[middle].FirstFrame)
            {
                high = middle - 1;
            }
            else if (number >= _files[middle].NextFrame)
            {
                low = middle + 1;
            }
            else
            {
                Use(_files[middle]);
                return _files[middle];
            }
        }

        return null;
    }

    /// <summary>The frames of a file behind <paramref name="after"/> that decide something at or above <paramref name="first"/>, to the one with which all up to <paramref name="last"/> is decided.</summary>
    private void AddFramesOf(JournalFile file, ulong after, ulong first, ulong last, List<ulong> found)
    {
        if (file.MaxSequence < first)
        {
            return;
        }

        Use(file);
        for (var number = Math.Max(after + 1, file.FirstFrame); number < file.NextFrame; number++)
        {
            var frame = file.Info(number);
            if (frame.MaxSequence >= first)
            {
                found.Add(number);
            }

            if (frame.LowWatermark > last)
            {
                return;
            }
        }
    }

    private void Add(JournalFile file)
    {
        _files.Add(file);
        Use(file);
    }

    /// <summary>Keeps the indexes that were asked for last, and always the last file's, which grows.</summary>
    private void Use(JournalFile file)
    {
        if (_indexed.Count > 0 && _indexed[^1] == file)
        {
            return;
        }

        _indexed.Remove(file);
        _indexed.Add(file);
        if (_indexed.Count > MaxIndexes)
        {
            var victim = _indexed[0] == _files[^1] ? 1 : 0;
            _indexed[victim].ForgetIndex();
            _indexed.RemoveAt(victim);
        }
    }

    /// <summary>Takes in what is whole of a file; returns the number of the frame that has to follow.</summary>
    private ulong Load(string path, ulong first)
    {
        var file = new JournalFile(path, File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read), first);
        Add(file);
        var length = RandomAccess.GetLength(file.Handle);
        var header = new byte[JournalFrameCodec.HeaderLength];
        while (RandomAccess.Read(file.Handle, header, file.Tail) == header.Length)
        {
            var frameLength = JournalFrameCodec.LengthOf(header);
            if (frameLength <= header.Length || file.Tail + frameLength > length)
            {
                break;
            }

            var bytes = new byte[frameLength];
            if (RandomAccess.Read(file.Handle, bytes, file.Tail) != bytes.Length || !JournalFrameCodec.IsSound(bytes)
                || JournalFrameCodec.NumberOf(bytes) != file.NextFrame)
            {
                break;
            }

            Add(file, JournalFrameCodec.Decode(bytes), bytes.Length);
        }

        if (file.Tail < length)
        {
            // Zeros behind the tail, so that nothing of a torn frame can ever stand behind a later one.
            TailCut(path, file.Tail);
            RandomAccess.SetLength(file.Handle, file.Tail);
        }

        return file.NextFrame;
    }

    private void Add(JournalFile file, JournalFrame frame, int length)
    {
        file.Add(frame, length);
        Interlocked.Exchange(ref _keptTotal, frame.KeptBefore + frame.Kept);
    }

    [LoggerMessage(PipelineEventIds.JournalTailCut, LogLevel.Debug, "decision journal {Path} ends at {Tail}")]
    private partial void TailCut(string path, long tail);
}
