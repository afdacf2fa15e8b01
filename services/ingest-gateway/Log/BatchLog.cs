using System.Buffers.Binary;
using System.Text;
using StellaOps.Telemetry.Archive;
using StellaOps.Telemetry.IngestGateway.Pipeline;
using StellaOps.Telemetry.Profiles.Gateway;

namespace StellaOps.Telemetry.IngestGateway.Log;

/// <summary>
/// The one log: preallocated files, appended under one lock, reused oldest first once nobody needs them. What is needed, and what is
/// younger than the recorder's age while there is room, stays.
/// </summary>
/// <remarks>
/// The bytes are written under the lock: a file system writes one file's pages one writer at a time anyway, so copying outside of it would
/// gain nothing and would leave holes. Hash and envelope are made before. What an append allocates is its entry.
/// </remarks>
internal sealed partial class BatchLog : IBatchLog, IDisposable
{
    // Envelope: gateway id, tenant and replay mark have at most 255 bytes each.
    private const int MaxHeadLength = 1024;

    [ThreadStatic]
    private static byte[]? s_head;

    private readonly Lock _appendLock = new();
    private readonly string _gatewayId;
    private readonly TimeProvider _time;
    private readonly ILogger<BatchLog> _logger;
    private readonly GroupCommit _commit;
    private readonly int _sequenceOffset;
    private readonly List<LogFile> _unsynced = [];
    private RecorderSettings _recorder;
    private Durability _durability;
    private long _lastAcceptedAt;
    private ulong _nextSequence;
    private ulong _visible;
    private bool _stopping;
    private string? _trouble;

    /// <param name="nextSequenceAtLeast">One above the highest sequence that a journal or cursor speaks of: a sequence is never given twice.</param>
    public BatchLog(GatewaySettings settings, GatewayPipelineOptions options, ulong nextSequenceAtLeast, TimeProvider time, ILogger<BatchLog> logger)
    {
        (_recorder, _durability, _gatewayId, _time, _logger) = (settings.Recorder, settings.Durability, options.GatewayId, time, logger);
        _sequenceOffset = LogFormat.FrameHeaderLength + 4 + Encoding.UTF8.GetByteCount(_gatewayId);
        _commit = new GroupCommit(_appendLock, TakeUnsyncedLocked, OnSynced);
        _folder = new LogFolder(Path.Combine(options.DataPath, "log"));
        var opened = _folder.Open();
        (_files, _free) = ([.. opened.Files], opened.Free);
        foreach (var file in _files)
        {
            _fileBytes += file.Capacity;
            CountTenants(file, 1);
        }

        _fileBytes += _free.Sum(f => (long)f.Capacity);
        var next = _files.Length > 0 ? _files[^1].NextSequence : 1;
        _lastAcceptedAt = _files.Length > 0 ? LastAcceptedAt(_files[^1]) : 0;
        if (next >= nextSequenceAtLeast && opened.TornBytes == 0 && _files.Length > 0)
        {
            _tailFile = _files[^1];
        }
        else if (next < nextSequenceAtLeast)
        {
            LogGapFound(next, nextSequenceAtLeast - 1);
            next = nextSequenceAtLeast;
        }

        if (opened.TornBytes > 0)
        {
            LogTailCut(opened.TornBytes, next);
        }

        foreach (var damage in opened.Damages)
        {
            OnDamaged(damage);
        }

        _nextSequence = next;
        _visible = next - 1;
        LogOpened(_files.Length, _fileBytes, FirstSequence, next);
        lock (_appendLock)
        {
            StartCommitLocked();
        }
    }

    /// <summary>Pulsed when <see cref="VisibleSequence"/> rose.</summary>
    public PulseSignal Appended { get; } = new();

    /// <summary>The last batch that may be acted on: written, and synced where the profile asks for it.</summary>
    public ulong VisibleSequence => Volatile.Read(ref _visible);

    public ulong NextSequence => Volatile.Read(ref _nextSequence);

    /// <summary>How many syncs were made; fewer than appends when they are grouped.</summary>
    public long Syncs => _commit.Syncs;

    /// <summary>Why the last append was refused for want of room or by the disk; null when it was not.</summary>
    public string? Trouble => Volatile.Read(ref _trouble);

    /// <summary>Takes over other bounds and durability from the next append on. What is above smaller bounds goes as files are needed again.</summary>
    public void Apply(RecorderSettings recorder, Durability durability)
    {
        lock (_appendLock)
        {
            (_recorder, _durability) = (recorder, durability);
            StartCommitLocked();
        }
    }

    public ValueTask<AppendOutcome> AppendAsync(IngestBatch batch, CancellationToken cancellationToken)
    {
        var head = s_head ??= new byte[MaxHeadLength];
        Span<byte> batchHash = stackalloc byte[Envelope.BatchHashLength];
        BatchHash.Compute(batch.ReplayMark, batch.Payload.Span, batchHash);
        var length = LogFormat.FrameHeaderLength + Envelope.WriteWhole(
            head.AsSpan(LogFormat.FrameHeaderLength), _gatewayId, 0, 0, batch.Tenant, batch.Signal, batch.ProfileHash.Span, batch.RecordCount, batchHash, batch.ReplayMark);
        lock (_appendLock)
        {
            var outcome = AppendLocked(batch, head.AsSpan(0, length));
            if (outcome == AppendOutcome.Accepted && _durability == Durability.Fsync)
            {
                return _commit.WaitLocked();
            }

            if (outcome == AppendOutcome.Accepted)
            {
                Volatile.Write(ref _visible, _nextSequence - 1);
                Appended.Pulse();
            }

            return ValueTask.FromResult(outcome);
        }
    }

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
        lock (_appendLock)
        {
            _stopping = true;
        }

        await Task.Run(_commit.End);
    }

    public void Dispose()
    {
        PreparedFile? prepared;
        lock (_appendLock)
        {
            _stopping = true;
            prepared = _prepared;
        }

        _commit.End();
        prepared?.Abandon();
        foreach (var file in _files)
        {
            file.Handle.Dispose();
        }

        foreach (var file in _free)
        {
            file.Handle.Dispose();
        }
    }

    private AppendOutcome AppendLocked(in IngestBatch batch, Span<byte> head)
    {
        if (_stopping)
        {
            return AppendOutcome.Stopping;
        }

        var length = head.Length + batch.Payload.Length;
        try
        {
            var now = Now();
            if (IsShareExceeded(batch.Tenant, length, now))
            {
                return AppendOutcome.TenantShareExceeded;
            }

            if ((_tailFile is null || !_tailFile.Fits(length)) && !TryBeginFile(length, now))
            {
                Refused($"the log is full: {_fileBytes} bytes, from sequence {FirstSequence} on still needed", null);
                return AppendOutcome.LogFull;
            }

            var file = _tailFile!;
            var acceptedAt = Math.Max(_lastAcceptedAt, now);
            BinaryPrimitives.WriteUInt64BigEndian(head[_sequenceOffset..], _nextSequence);
            BinaryPrimitives.WriteInt64BigEndian(head[(_sequenceOffset + 8)..], acceptedAt);
            LogFormat.SealFrame(head, batch.Payload.Length);

            // Two writes: one gathered write allocates its pins, and costs as much.
            RandomAccess.Write(file.Handle, head, file.Tail);
            RandomAccess.Write(file.Handle, batch.Payload.Span, file.Tail + head.Length);
            file.Add(new BatchEntry(
                _nextSequence, acceptedAt, batch.Tenant, batch.Signal, batch.RecordCount, file.Tail, head.Length - LogFormat.FrameHeaderLength, batch.Payload.Length, batch.ReplayMark));
            AddTenantBytes(batch.Tenant, length);
            _lastAcceptedAt = acceptedAt;
            Volatile.Write(ref _nextSequence, _nextSequence + 1);
            if (_durability == Durability.Write)
            {
                Succeeded();
            }

            return AppendOutcome.Accepted;
        }
        catch (IOException e)
        {
            Refused($"the disk refused: {e.Message}", e);
            return AppendOutcome.DiskFailed;
        }
    }

    /// <summary>Says it once, until an append succeeds again.</summary>
    private void Refused(string why, Exception? e)
    {
        if (_trouble is null)
        {
            LogRefuses(e, why);
        }

        Volatile.Write(ref _trouble, why);
    }

    private void Succeeded()
    {
        if (_trouble is not null)
        {
            Volatile.Write(ref _trouble, null);
            LogTakesAgain();
        }
    }

    private void StartCommitLocked()
    {
        if (_durability == Durability.Fsync && !_stopping)
        {
            _commit.StartLocked();
        }
    }

    private ulong TakeUnsyncedLocked(List<LogFile> files)
    {
        files.AddRange(_unsynced);
        _unsynced.Clear();
        if (_tailFile is not null)
        {
            files.Add(_tailFile);
        }

        return _nextSequence - 1;
    }

    private void OnSynced(ulong last, Exception? failure)
    {
        lock (_appendLock)
        {
            if (failure is not null)
            {
                // The kernel forgets a failed write-back: these pages count as clean. Write elsewhere from now on; senders send again.
                _tailFile = null;
                Refused($"the disk refused: {failure.Message}", failure);
            }
            else
            {
                Succeeded();
            }

            Volatile.Write(ref _visible, Math.Max(_visible, last));
        }

        Appended.Pulse();
    }

    private long Now() => UnixNano.Of(_time.GetUtcNow());

    [LoggerMessage(PipelineEventIds.LogOpened, LogLevel.Information, "log opened: {Files} files with records, {Bytes} bytes, sequences {First} to below {Next}")]
    private partial void LogOpened(int files, long bytes, ulong first, ulong next);

    [LoggerMessage(PipelineEventIds.LogTailCut, LogLevel.Warning, "a torn batch of {Bytes} bytes, never acknowledged, was cut from the log's end; next sequence {Next}")]
    private partial void LogTailCut(int bytes, ulong next);

    [LoggerMessage(PipelineEventIds.LogGap, LogLevel.Error, "the log lost sequences {First} to {Last}, which the journal speaks of: the disk or the machine failed")]
    private partial void LogGapFound(ulong first, ulong last);

    [LoggerMessage(PipelineEventIds.LogWriteFailed, LogLevel.Error, "batches are refused: {Why}")]
    private partial void LogRefuses(Exception? e, string why);

    [LoggerMessage(PipelineEventIds.LogTakesAgain, LogLevel.Information, "batches are taken again")]
    private partial void LogTakesAgain();
}
