using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using StellaOps.Telemetry.Archive;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.IngestGateway.Pipeline;
using StellaOps.Telemetry.Profiles.Gateway;

namespace StellaOps.Telemetry.IngestGateway.Log;

/// <summary>
/// The one log: preallocated files, appended under one lock, reused oldest first once nobody needs them. What is needed, and what is
/// younger than the recorder's age while there is room, stays.
/// </summary>
internal sealed partial class BatchLog : IBatchLog, IDisposable
{
    [ThreadStatic]
    private static ArrayBufferWriter<byte>? s_head;

    private readonly Lock _appendLock = new();
    private readonly string _gatewayId;
    private RecorderSettings _recorder;
    private Durability _durability;
    private readonly TimeProvider _time;
    private readonly ILogger<BatchLog> _logger;
    private readonly LogFolder _folder;
    private readonly int _sequenceOffset;
    private readonly Dictionary<TenantId, long> _tenantBytes = [];
    private readonly List<IRetentionHolder> _holders = [];
    private readonly List<LogFile> _free;
    private readonly ReadOnlyMemory<byte>[] _parts = new ReadOnlyMemory<byte>[2];
    private readonly List<LogFile> _unsynced = [];
    private LogFile? _tailFile;
    private long _fileBytes;
    private long _lastAcceptedAt;
    private ulong _nextSequence;
    private ulong _visible;
    private bool _stopping;

    /// <param name="nextSequenceAtLeast">One above the highest sequence that a journal or cursor speaks of: a sequence is never given twice.</param>
    public BatchLog(GatewaySettings settings, GatewayPipelineOptions options, ulong nextSequenceAtLeast, TimeProvider time, ILogger<BatchLog> logger)
    {
        (_recorder, _durability, _gatewayId, _time, _logger) = (settings.Recorder, settings.Durability, options.GatewayId, time, logger);
        _sequenceOffset = LogFormat.FrameHeaderLength + 4 + Encoding.UTF8.GetByteCount(_gatewayId);
        _folder = new LogFolder(Path.Combine(options.DataPath, "log"));
        (var files, _free, var cut) = _folder.Open();
        _files = [.. files];
        foreach (var file in files)
        {
            _fileBytes += file.Capacity;
            CountTenants(file, 1);
        }

        _fileBytes += _free.Sum(f => (long)f.Capacity);
        var next = files.Count > 0 ? files[^1].NextSequence : 1;
        _lastAcceptedAt = files.Count > 0 ? files[^1][files[^1].Count - 1].AcceptedAtUnixNano : 0;
        if (next >= nextSequenceAtLeast && cut == 0 && files.Count > 0)
        {
            _tailFile = files[^1];
        }
        else if (next < nextSequenceAtLeast)
        {
            LogGapFound(next, nextSequenceAtLeast - 1);
            next = nextSequenceAtLeast;
        }

        if (cut > 0)
        {
            LogTailCut(cut, next);
        }

        _nextSequence = next;
        _visible = next - 1;
        LogOpened(files.Count, _fileBytes, FirstSequence, next);
        if (_durability == Durability.Fsync)
        {
            _flushing = FlushLoopAsync();
        }
    }

    /// <summary>Pulsed when <see cref="VisibleSequence"/> rose.</summary>
    public PulseSignal Appended { get; } = new();

    /// <summary>The last batch that may be acted on: written, and synced where the profile asks for it.</summary>
    public ulong VisibleSequence => Volatile.Read(ref _visible);

    public ulong NextSequence => Volatile.Read(ref _nextSequence);

    public long FileBytes => Interlocked.Read(ref _fileBytes);

    /// <summary>Adds somebody whose need is respected from now on.</summary>
    public void AddHolder(IRetentionHolder holder)
    {
        lock (_appendLock)
        {
            _holders.Add(holder);
        }
    }

    /// <summary>Removes somebody who needs nothing any more.</summary>
    public void RemoveHolder(IRetentionHolder holder)
    {
        lock (_appendLock)
        {
            _holders.Remove(holder);
        }
    }

    /// <summary>Takes over other bounds and durability from the next append on. What is above smaller bounds goes as files are needed again.</summary>
    public void Apply(RecorderSettings recorder, Durability durability)
    {
        lock (_appendLock)
        {
            (_recorder, _durability) = (recorder, durability);
            if (durability == Durability.Fsync && _flushing.IsCompleted && !_stopping)
            {
                _flushing = FlushLoopAsync();
            }
        }
    }

    public ValueTask<AppendOutcome> AppendAsync(IngestBatch batch, CancellationToken cancellationToken)
    {
        var head = s_head ??= new ArrayBufferWriter<byte>(512);
        head.ResetWrittenCount();
        head.GetSpan(LogFormat.FrameHeaderLength);
        head.Advance(LogFormat.FrameHeaderLength);
        var batchHash = new byte[Envelope.BatchHashLength];
        BatchHash.Compute(batch.ReplayMark, batch.Payload.Span, batchHash);
        new Envelope
        {
            GatewayId = _gatewayId,
            Sequence = 0,
            AcceptedAtUnixNano = 0,
            Tenant = batch.Tenant,
            Signal = batch.Signal,
            ProfileHash = batch.ProfileHash,
            RecordCount = batch.RecordCount,
            BatchHash = batchHash,
            ReplayMark = batch.ReplayMark,
        }.WriteTo(head);
        Task<bool> synced;
        lock (_appendLock)
        {
            var outcome = AppendLocked(batch, head);
            if (outcome != AppendOutcome.Accepted || _durability == Durability.Write)
            {
                if (outcome == AppendOutcome.Accepted)
                {
                    Volatile.Write(ref _visible, _nextSequence - 1);
                    Appended.Pulse();
                }

                return ValueTask.FromResult(outcome);
            }

            synced = NextSyncLocked();
        }

        _syncWanted.Pulse();
        return AwaitSyncAsync(synced);
    }

    private static async ValueTask<AppendOutcome> AwaitSyncAsync(Task<bool> synced) =>
        await synced ? AppendOutcome.Accepted : AppendOutcome.DiskFailed;

    /// <summary>Nothing later gets an accepted-at below this; returns when all that has one is visible.</summary>
    public async Task SettleAsync(long unixNano, CancellationToken cancellationToken)
    {
        while (Now() < unixNano)
        {
            await Task.Delay(TimeSpan.FromTicks(Math.Max(TimeSpan.TicksPerMillisecond, (unixNano - Now()) / 100)), _time, cancellationToken);
        }

        ulong last;
        lock (_appendLock)
        {
            _lastAcceptedAt = Math.Max(_lastAcceptedAt, unixNano);
            last = _nextSequence - 1;
        }

        while (VisibleSequence < last)
        {
            var next = Appended.NextAsync();
            if (VisibleSequence >= last)
            {
                return;
            }

            await next.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Refuses appends from now on, and returns when those in flight are safe.</summary>
    public async Task StopAsync()
    {
        Task<bool>? last = null;
        lock (_appendLock)
        {
            _stopping = true;
            if (!_flushing.IsCompleted)
            {
                last = NextSyncLocked();
            }
        }

        if (last is not null)
        {
            _syncWanted.Pulse();
            await last;
            _syncStop = true;
            _syncWanted.Pulse();
            await _flushing;
        }
    }

    public void Dispose()
    {
        lock (_appendLock)
        {
            _stopping = true;
        }

        _syncStop = true;
        _syncWanted.Pulse();
        foreach (var file in _files)
        {
            file.Handle.Dispose();
        }

        foreach (var file in _free)
        {
            file.Handle.Dispose();
        }
    }

    private AppendOutcome AppendLocked(in IngestBatch batch, ArrayBufferWriter<byte> head)
    {
        if (_stopping)
        {
            return AppendOutcome.Stopping;
        }

        var length = head.WrittenCount + batch.Payload.Length;
        try
        {
            if (IsShareExceeded(batch.Tenant, length))
            {
                return AppendOutcome.TenantShareExceeded;
            }

            if ((_tailFile is null || !_tailFile.Fits(length)) && !TryBeginFile(length))
            {
                return AppendOutcome.LogFull;
            }

            var file = _tailFile!;
            var acceptedAt = Math.Max(_lastAcceptedAt, Now());
            // The writer owns the memory; there is no writable view of what was written but through this one.
            var bytes = System.Runtime.InteropServices.MemoryMarshal.AsMemory(head.WrittenMemory);
            BinaryPrimitives.WriteUInt64BigEndian(bytes.Span[_sequenceOffset..], _nextSequence);
            BinaryPrimitives.WriteInt64BigEndian(bytes.Span[(_sequenceOffset + 8)..], acceptedAt);
            LogFormat.SealFrame(bytes.Span, batch.Payload.Length);
            (_parts[0], _parts[1]) = (bytes, batch.Payload);
            RandomAccess.Write(file.Handle, _parts, file.Tail);
            _parts[1] = default;
            file.Add(new BatchEntry(
                _nextSequence, acceptedAt, batch.Tenant, batch.Signal, batch.RecordCount, file.Tail, bytes.Length - LogFormat.FrameHeaderLength, batch.Payload.Length));
            _tenantBytes[batch.Tenant] = _tenantBytes.GetValueOrDefault(batch.Tenant) + length;
            _lastAcceptedAt = acceptedAt;
            Volatile.Write(ref _nextSequence, _nextSequence + 1);
            return AppendOutcome.Accepted;
        }
        catch (IOException e)
        {
            LogWriteFailed(e);
            return AppendOutcome.DiskFailed;
        }
    }

    private bool IsShareExceeded(TenantId tenant, long length)
    {
        var limit = _recorder.TenantShare * _recorder.MaxBytes;
        if (_tenantBytes.GetValueOrDefault(tenant) + length <= limit)
        {
            return false;
        }

        // What is out of the window, or the tenant's alone, shortens nobody's look-back.
        var oldest = Now() - (_recorder.MaxAge.Ticks * 100);
        while (_tenantBytes.GetValueOrDefault(tenant) + length > limit && Oldest() is { } file && IsReusable(file)
            && (LastAcceptedAt(file) < oldest || file.TenantBytes.Keys.All(t => t == tenant)))
        {
            Release(file);
        }

        return _tenantBytes.GetValueOrDefault(tenant) + length > limit;
    }

    private bool TryBeginFile(int frameLength)
    {
        var wanted = Math.Max(_recorder.FileBytes, LogFormat.FileHeaderLength + frameLength);
        var isAged = Oldest() is { } oldest && LastAcceptedAt(oldest) < Now() - (_recorder.MaxAge.Ticks * 100);
        LogFile? begun = null;
        if (!HasFree(wanted) && (isAged || _fileBytes + wanted > _recorder.MaxBytes))
        {
            while (!HasFree(wanted) && Oldest() is { } file && IsReusable(file))
            {
                Release(file);
            }
        }

        for (var i = 0; i < _free.Count; i++)
        {
            if (_free[i].Capacity >= wanted && IsUnread(_free[i]))
            {
                begun = LogFolder.Reuse(_free[i], _nextSequence);
                _free.RemoveAt(i);
                break;
            }
        }

        if (begun is null)
        {
            if (_fileBytes + wanted > _recorder.MaxBytes)
            {
                return false;
            }

            begun = _folder.Create(wanted, _nextSequence);
            Interlocked.Add(ref _fileBytes, begun.Capacity);
        }

        if (_tailFile is not null && _durability == Durability.Fsync)
        {
            _unsynced.Add(_tailFile);
        }

        _tailFile = begun;
        Publish([.. _files, begun]);
        return true;

        bool HasFree(int bytes) => _free.Exists(f => f.Capacity >= bytes && IsUnread(f));
    }

    private LogFile? Oldest() => _files.Length > 0 && _files[0] != _tailFile ? _files[0] : null;

    private static long LastAcceptedAt(LogFile file) => file[file.Count - 1].AcceptedAtUnixNano;

    private bool IsReusable(LogFile file)
    {
        var last = file.NextSequence - 1;
        if (last > VisibleSequence)
        {
            return false;
        }

        foreach (var holder in _holders)
        {
            if (holder.NeededFrom <= last)
            {
                return false;
            }
        }

        return true;
    }

    private void Release(LogFile file)
    {
        CountTenants(file, -1);
        Publish([.. _files.Where(f => f != file)]);
        _free.Add(file);
    }

    private void CountTenants(LogFile file, int sign)
    {
        foreach (var (tenant, bytes) in file.TenantBytes)
        {
            _tenantBytes[tenant] = _tenantBytes.GetValueOrDefault(tenant) + (sign * bytes);
        }
    }

    private long Now() => UnixNano.Of(_time.GetUtcNow());

    [LoggerMessage(PipelineEventIds.LogOpened, LogLevel.Information, "log opened: {Files} files with records, {Bytes} bytes, sequences {First} to below {Next}")]
    private partial void LogOpened(int files, long bytes, ulong first, ulong next);

    [LoggerMessage(PipelineEventIds.LogTailCut, LogLevel.Warning, "a torn batch of {Bytes} bytes, never acknowledged, was cut from the log's end; next sequence {Next}")]
    private partial void LogTailCut(int bytes, ulong next);

    [LoggerMessage(PipelineEventIds.LogGap, LogLevel.Error, "the log lost sequences {First} to {Last}, which the journal speaks of: the disk or the machine failed")]
    private partial void LogGapFound(ulong first, ulong last);

    [LoggerMessage(PipelineEventIds.LogWriteFailed, LogLevel.Error, "the log could not be written; the batch was refused")]
    private partial void LogWriteFailed(Exception e);
}
