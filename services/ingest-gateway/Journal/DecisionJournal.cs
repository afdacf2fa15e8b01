using System.Globalization;
using Microsoft.Win32.SafeHandles;
using StellaOps.Telemetry.IngestGateway.Log;
using StellaOps.Telemetry.IngestGateway.Pipeline;
using StellaOps.Telemetry.Profiles.Gateway;

namespace StellaOps.Telemetry.IngestGateway.Journal;

/// <summary>The sampler's decisions in order, numbered from 1. One writer; readers see whole frames only.</summary>
internal sealed partial class DecisionJournal : IDisposable
{
    private const int MaxFileBytes = 8 << 20;

    private readonly Lock _lock = new();
    private readonly string _folder;
    private volatile bool _sync;
    private readonly ILogger _logger;
    private readonly List<FileState> _files = [];
    private readonly List<FrameInfo> _frames = [];
    private readonly RecentFrames _recent = new();
    private readonly FrameBytes _bytes = new();
    private ulong _firstFrame = 1;
    private long _keptTotal;

    public DecisionJournal(string dataPath, bool sync, ILogger<DecisionJournal> logger)
    {
        (_folder, _sync, _logger) = (Path.Combine(dataPath, "journal"), sync, logger);
        Directory.CreateDirectory(_folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var expected = 0ul;
        foreach (var path in Directory.EnumerateFiles(_folder, "*.journal").Order(StringComparer.Ordinal).ToList())
        {
            var first = ulong.Parse(Path.GetFileNameWithoutExtension(path), CultureInfo.InvariantCulture);
            if (expected == 0)
            {
                expected = _firstFrame = first;
            }

            if (first != expected)
            {
                File.Delete(path);
                continue;
            }

            Load(path, ref expected);
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
                return _firstFrame + (ulong)_frames.Count - 1;
            }
        }
    }

    public ulong FirstFrame
    {
        get
        {
            lock (_lock)
            {
                return _firstFrame;
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
                return _frames.Count == 0 ? 0 : _frames.Max(f => Math.Max(f.MaxSequence, f.LowWatermark - 1));
            }
        }
    }

    /// <summary>The log that a reader needs who has done all frames up to this one.</summary>
    public ulong LowAfter(ulong frame)
    {
        lock (_lock)
        {
            return frame >= _firstFrame && frame - _firstFrame < (ulong)_frames.Count ? _frames[(int)(frame - _firstFrame)].LowWatermark : 1;
        }
    }

    /// <summary>Kept records, and accepted-at of the oldest, of the frames after this one.</summary>
    public (long Records, long? OldestAcceptedAt) PendingAfter(ulong frame)
    {
        lock (_lock)
        {
            var index = frame + 1 - _firstFrame;
            return frame + 1 < _firstFrame || index >= (ulong)_frames.Count
                ? (0, null)
                : (_keptTotal - _frames[(int)index].KeptBefore, _frames[(int)index].OldestAcceptedAt is var at and > 0 ? at : null);
        }
    }

    /// <summary>The frames after this one that may decide batches from first to last, all of which are decided.</summary>
    public IReadOnlyList<ulong> FramesOf(ulong after, ulong first, ulong last)
    {
        var found = new List<ulong>();
        lock (_lock)
        {
            for (var number = Math.Max(after + 1, _firstFrame); number - _firstFrame < (ulong)_frames.Count; number++)
            {
                var frame = _frames[(int)(number - _firstFrame)];
                if (frame.MaxSequence >= first)
                {
                    found.Add(number);
                }

                if (frame.LowWatermark > last)
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
        FileState file;
        lock (_lock)
        {
            if (_files.Count == 0 || _files[^1].Tail + bytes.Length > MaxFileBytes)
            {
                var path = Path.Combine(_folder, frame.Number.ToString("d20", CultureInfo.InvariantCulture) + ".journal");
                _files.Add(new FileState(path, File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read, FileOptions.None, MaxFileBytes)));
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
            if (_recent.Find(number) is { } recent && number >= _firstFrame)
            {
                return recent;
            }

            if (ReadBytes(number) is not { } bytes)
            {
                return null;
            }

            var frame = JournalFrameCodec.Decode(bytes);
            _recent.Add(frame);
            return frame;
        }
    }

    /// <summary>Reads a frame and the traces that it decides; null when it is not there.</summary>
    public JournalFrame? Read(ulong number, List<DecidedTrace> traces)
    {
        lock (_lock)
        {
            return ReadBytes(number) is { } bytes ? JournalFrameCodec.Decode(bytes, traces) : null;
        }
    }

    /// <summary>The frames, in order, that decide something of batches at or above this one.</summary>
    public IReadOnlyList<ulong> FramesFrom(ulong sequence)
    {
        lock (_lock)
        {
            var numbers = new List<ulong>();
            for (var i = 0; i < _frames.Count; i++)
            {
                if (_frames[i].MaxSequence >= sequence)
                {
                    numbers.Add(_firstFrame + (ulong)i);
                }
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
                var count = _files[0].Frames;
                if (_firstFrame + (ulong)count - 1 >= doneByAll || _frames.Take(count).Any(f => f.MaxSequence >= firstSequence))
                {
                    return;
                }

                _files[0].Handle.Dispose();
                File.Delete(_files[0].Path);
                _files.RemoveAt(0);
                _frames.RemoveRange(0, count);
                _firstFrame += (ulong)count;
            }
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            foreach (var file in _files)
            {
                file.Handle.Dispose();
            }
        }
    }

    private byte[]? ReadBytes(ulong number)
    {
        if (number < _firstFrame || number - _firstFrame >= (ulong)_frames.Count)
        {
            return null;
        }

        var info = _frames[(int)(number - _firstFrame)];
        var bytes = new byte[info.Length];
        return RandomAccess.Read(info.File.Handle, bytes, info.Offset) == bytes.Length && JournalFrameCodec.IsSound(bytes)
            ? bytes
            : throw new IOException($"frame {number} of the decision journal is damaged");
    }

    private void Load(string path, ref ulong expected)
    {
        var file = new FileState(path, File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read));
        _files.Add(file);
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
                || JournalFrameCodec.NumberOf(bytes) != expected)
            {
                break;
            }

            Add(file, JournalFrameCodec.Decode(bytes), bytes.Length);
            expected++;
        }

        if (file.Tail < length)
        {
            // Zeros behind the tail, so that nothing of a torn frame can ever stand behind a later one.
            TailCut(path, file.Tail);
            RandomAccess.SetLength(file.Handle, file.Tail);
        }
    }

    private void Add(FileState file, JournalFrame frame, int length)
    {
        _frames.Add(new FrameInfo(file, file.Tail, length, frame.LowWatermark, frame.KeptBefore, frame.OldestAcceptedAt, frame.MaxSequence));
        file.Tail += length;
        file.Frames++;
        Interlocked.Exchange(ref _keptTotal, frame.KeptBefore + frame.Kept);
    }

    [LoggerMessage(PipelineEventIds.JournalTailCut, LogLevel.Debug, "decision journal {Path} ends at {Tail}")]
    private partial void TailCut(string path, long tail);

    private sealed class FileState(string path, SafeFileHandle handle)
    {
        public string Path { get; } = path;

        public SafeFileHandle Handle { get; } = handle;

        public long Tail { get; set; }

        public int Frames { get; set; }
    }

    private readonly record struct FrameInfo(
        FileState File, long Offset, int Length, ulong LowWatermark, long KeptBefore, long OldestAcceptedAt, ulong MaxSequence);
}
