using System.Globalization;

namespace StellaOps.Telemetry.IngestGateway.Log;

/// <summary>What a former process left.</summary>
/// <param name="Files">Those with records, in order.</param>
/// <param name="Free">Those that hold nothing any more.</param>
/// <param name="TornBytes">What the torn last frame claims; 0 without one.</param>
internal sealed record OpenedLog(List<LogFile> Files, List<LogFile> Free, int TornBytes, List<LogDamage> Damages);

/// <summary>The folder of the log: makes preallocated files, begins a file's next term, and finds what a former process left.</summary>
internal sealed class LogFolder(string path)
{
    private const int MaxQuarantined = 4;

    // A torn or unwritten frame can only be in these; what is older was synced, or is verified when it is read.
    private const int VerifiedFiles = 2;
    private int _nextNumber;

    private string DamagedPath => Path.Combine(path, "damaged");

    /// <summary>Makes a file of its full size, without a term.</summary>
    public LogFile Create(int capacity)
    {
        var name = Path.Combine(path, Interlocked.Increment(ref _nextNumber).ToString("d6", CultureInfo.InvariantCulture) + ".log");
        var handle = File.OpenHandle(name, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read);
        try
        {
            FileSpace.Allocate(handle, capacity);
        }
        catch
        {
            handle.Dispose();
            File.Delete(name);
            throw;
        }

        return new LogFile(name, handle, capacity, 0);
    }

    /// <summary>Begins a file's next term over the same bytes.</summary>
    public static LogFile Begin(LogFile file, ulong firstSequence, int expectedCount)
    {
        Span<byte> header = stackalloc byte[LogFormat.FileHeaderLength];
        LogFormat.WriteFileHeader(header, firstSequence);
        RandomAccess.Write(file.Handle, header, 0);
        return new LogFile(file.Path, file.Handle, file.Capacity, firstSequence, expectedCount);
    }

    /// <summary>The files in order of their first sequence, each cut behind its last whole frame, and those that hold nothing.</summary>
    public OpenedLog Open()
    {
        Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var opened = new OpenedLog([], [], 0, []);
        var found = Find(opened);
        var scanner = new LogScanner();
        var torn = 0;
        ulong expected = 0;
        for (var i = 0; i < found.Count; i++)
        {
            var file = found[i];
            if (file.FirstSequence < expected)
            {
                opened.Free.Add(file);
                continue;
            }

            var damagesBefore = opened.Damages.Count;
            torn = scanner.Scan(file, i + 1 < found.Count ? found[i + 1].FirstSequence : ulong.MaxValue, i >= found.Count - VerifiedFiles, opened.Damages);
            if (opened.Damages.Count > damagesBefore)
            {
                Quarantine(file);
            }

            if (file.Count == 0)
            {
                opened.Free.Add(file);
                continue;
            }

            // Between two files nothing is skipped but what a journal spoke of; a file's end may still be lost.
            if (i + 1 < found.Count && torn > 0 && found[i + 1].FirstSequence > file.NextSequence)
            {
                opened.Damages.Add(new LogDamage(file.Path, file.NextSequence, found[i + 1].FirstSequence - 1));
                Quarantine(file);
            }

            opened.Files.Add(file);
            expected = file.NextSequence;
        }

        return opened with { TornBytes = torn };
    }

    private List<LogFile> Find(OpenedLog opened)
    {
        var found = new List<LogFile>();
        var header = new byte[LogFormat.FileHeaderLength];
        foreach (var name in Directory.EnumerateFiles(path, "*.log").Order(StringComparer.Ordinal))
        {
            if (int.TryParse(Path.GetFileNameWithoutExtension(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                _nextNumber = Math.Max(_nextNumber, number);
            }

            var handle = File.OpenHandle(name, FileMode.Open, FileAccess.ReadWrite, FileShare.Read);
            var capacity = (int)Math.Min(int.MaxValue, RandomAccess.GetLength(handle));
            if (capacity <= LogFormat.FileHeaderLength)
            {
                handle.Dispose();
                File.Delete(name);
                continue;
            }

            var isRead = RandomAccess.Read(handle, header, 0) == header.Length;
            if (isRead && LogFormat.TryReadFileHeader(header, out var first))
            {
                found.Add(new LogFile(name, handle, capacity, first));
            }
            else if (isRead && header.AsSpan().IndexOfAnyExcept((byte)0) < 0)
            {
                opened.Free.Add(new LogFile(name, handle, capacity, 0));
            }
            else
            {
                Rescue(new LogFile(name, handle, capacity, 0), found, opened);
            }
        }

        found.Sort((a, b) => a.FirstSequence.CompareTo(b.FirstSequence));
        return found;
    }

    /// <summary>The file's header is damaged: its frames still tell where it begins.</summary>
    private void Rescue(LogFile file, List<LogFile> found, OpenedLog opened)
    {
        Quarantine(file);
        if (new LogScanner().FirstOf(file) is { } first)
        {
            opened.Damages.Add(new LogDamage(file.Path, first, first - 1));
            found.Add(new LogFile(file.Path, file.Handle, file.Capacity, first));
            return;
        }

        opened.Free.Add(file);
    }

    /// <summary>Keeps the bytes as they were found, for whoever asks what happened: the newest few, as far as there is room.</summary>
    private void Quarantine(LogFile file)
    {
        try
        {
            Directory.CreateDirectory(DamagedPath, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            var time = File.GetLastWriteTimeUtc(file.Handle).ToString("yyyyMMddHHmmssfff", CultureInfo.InvariantCulture);
            File.Copy(file.Path, Path.Combine(DamagedPath, $"{time}-{Path.GetFileName(file.Path)}"), overwrite: true);
            foreach (var old in Directory.EnumerateFiles(DamagedPath).OrderDescending(StringComparer.Ordinal).Skip(MaxQuarantined))
            {
                File.Delete(old);
            }
        }
        catch (IOException)
        {
            // A full disk: the gap is named all the same.
        }
    }
}
