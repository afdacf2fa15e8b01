using System.Globalization;
using Microsoft.Win32.SafeHandles;
using StellaOps.Telemetry.Archive;

namespace StellaOps.Telemetry.IngestGateway.Log;

/// <summary>The folder of the log: makes preallocated files, begins a file's next term, and finds what a former process left.</summary>
internal sealed class LogFolder(string path)
{
    private int _nextNumber = 1;

    /// <summary>Makes a file of its full size.</summary>
    public LogFile Create(int capacity, ulong firstSequence)
    {
        var name = Path.Combine(path, _nextNumber.ToString("d6", CultureInfo.InvariantCulture) + ".log");
        SafeFileHandle? handle = null;
        try
        {
            handle = File.OpenHandle(name, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read, FileOptions.None, capacity);
            RandomAccess.SetLength(handle, capacity);
            WriteHeader(handle, firstSequence);
        }
        catch
        {
            handle?.Dispose();
            if (handle is not null)
            {
                File.Delete(name);
            }

            throw;
        }

        _nextNumber++;
        return new LogFile(name, handle, capacity, firstSequence);
    }

    /// <summary>Begins a file's next term over the same bytes.</summary>
    public static LogFile Reuse(LogFile file, ulong firstSequence)
    {
        WriteHeader(file.Handle, firstSequence);
        return new LogFile(file.Path, file.Handle, file.Capacity, firstSequence);
    }

    /// <summary>The files in order of their first sequence, each cut behind its last whole frame, and those that hold nothing.</summary>
    public (List<LogFile> Files, List<LogFile> Free, int CutBytes) Open()
    {
        Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var found = new List<LogFile>();
        var free = new List<LogFile>();
        var header = new byte[LogFormat.FileHeaderLength];
        foreach (var name in Directory.EnumerateFiles(path, "*.log").Order(StringComparer.Ordinal))
        {
            if (int.TryParse(Path.GetFileNameWithoutExtension(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                _nextNumber = Math.Max(_nextNumber, number + 1);
            }

            var handle = File.OpenHandle(name, FileMode.Open, FileAccess.ReadWrite, FileShare.Read);
            var capacity = (int)Math.Min(int.MaxValue, RandomAccess.GetLength(handle));
            var read = RandomAccess.Read(handle, header, 0);
            if (read == header.Length && LogFormat.TryReadFileHeader(header, out var first))
            {
                found.Add(new LogFile(name, handle, capacity, first));
            }
            else if (capacity > LogFormat.FileHeaderLength)
            {
                free.Add(new LogFile(name, handle, capacity, 0));
            }
            else
            {
                handle.Dispose();
                File.Delete(name);
            }
        }

        found.Sort((a, b) => a.FirstSequence.CompareTo(b.FirstSequence));
        var files = new List<LogFile>();
        var cut = 0;
        ulong expected = 0;
        long acceptedAt = 0;
        foreach (var file in found)
        {
            if (file.FirstSequence < expected)
            {
                free.Add(file);
                continue;
            }

            cut = Scan(file, ref acceptedAt);
            if (file.Count == 0)
            {
                free.Add(file);
                continue;
            }

            files.Add(file);
            expected = file.NextSequence;
        }

        return (files, free, cut);
    }

    /// <summary>Takes in whole frames in sequence; returns the length that the first torn one claims, 0 when there is none.</summary>
    private static int Scan(LogFile file, ref long acceptedAt)
    {
        var buffer = new byte[256 * 1024];
        while (file.Capacity - file.Tail >= LogFormat.FrameHeaderLength)
        {
            var head = buffer.AsSpan(0, LogFormat.FrameHeaderLength);
            if (RandomAccess.Read(file.Handle, head, file.Tail) != head.Length
                || !LogFormat.TryReadFrameHeader(head, out var envelopeLength, out var payloadLength))
            {
                return 0;
            }

            var length = (long)LogFormat.FrameHeaderLength + envelopeLength + payloadLength;
            if (length > file.Capacity - file.Tail)
            {
                return 0;
            }

            if (buffer.Length < length)
            {
                buffer = new byte[length];
            }

            var frame = buffer.AsSpan(0, (int)length);
            var headLength = LogFormat.FrameHeaderLength + envelopeLength;
            if (RandomAccess.Read(file.Handle, frame, file.Tail) != frame.Length || !LogFormat.IsSealed(frame[..headLength])
                || !Envelope.TryRead(frame[LogFormat.FrameHeaderLength..headLength], out var envelope)
                || envelope.Sequence != file.NextSequence || envelope.AcceptedAtUnixNano < acceptedAt
                || !BatchHash.Matches(envelope, frame[headLength..]))
            {
                return (int)length;
            }

            acceptedAt = envelope.AcceptedAtUnixNano;
            file.Add(new BatchEntry(envelope.Sequence, acceptedAt, envelope.Tenant, envelope.Signal, envelope.RecordCount, file.Tail, envelopeLength, payloadLength));
        }

        return 0;
    }

    private static void WriteHeader(SafeFileHandle handle, ulong firstSequence)
    {
        Span<byte> header = stackalloc byte[LogFormat.FileHeaderLength];
        LogFormat.WriteFileHeader(header, firstSequence);
        RandomAccess.Write(handle, header, 0);
    }
}
