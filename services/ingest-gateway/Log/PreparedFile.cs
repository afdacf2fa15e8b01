namespace StellaOps.Telemetry.IngestGateway.Log;

/// <summary>
/// A log file made ahead of its need on a thread of its own: allocated, then written with zeros. <see cref="Take"/> gets it at any moment and
/// waits for no more than one piece.
/// </summary>
internal sealed class PreparedFile(LogFolder folder, int capacity, bool sync)
{
    private readonly Lock _lock = new();
    private LogFile? _file;
    private bool _isTaken;
    private Exception? _failure;

    public int Capacity => capacity;

    /// <summary>It could not be made; <see cref="Take"/> throws.</summary>
    public bool HasFailed => Volatile.Read(ref _failure) is not null;

    /// <summary>Begins, and returns at once.</summary>
    public void Start() => new Thread(Run) { IsBackground = true, Name = "log-prepare" }.Start();

    /// <summary>Does the work on the caller's thread.</summary>
    public void Run()
    {
        for (long offset = 0; offset < capacity;)
        {
            lock (_lock)
            {
                if (_isTaken)
                {
                    return;
                }

                try
                {
                    _file ??= folder.Create(capacity);
                    offset = FileSpace.ZeroPiece(_file.Handle, offset, capacity);
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    Volatile.Write(ref _failure, e);
                    return;
                }
            }
        }

        Sync();
    }

    /// <summary>The file, for the caller alone from here on; made on the spot when nothing was begun.</summary>
    /// <exception cref="IOException">It could not be made.</exception>
    public LogFile Take()
    {
        lock (_lock)
        {
            _isTaken = true;
            if (_file is not null)
            {
                return _file;
            }

            return _failure is null ? folder.Create(capacity) : throw new IOException(_failure.Message, _failure);
        }
    }

    /// <summary>Ends the work; the file stays as a free one.</summary>
    public void Abandon()
    {
        lock (_lock)
        {
            _isTaken = true;
            _file?.Handle.Dispose();
        }
    }

    /// <summary>Else the first group commit on the file would have to carry its zeros to the disk.</summary>
    private void Sync()
    {
        try
        {
            if (sync)
            {
                DataSync.Flush(_file!.Handle);
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // Abandoned, or the disk fails: the next group commit says so where it matters.
        }
    }
}
