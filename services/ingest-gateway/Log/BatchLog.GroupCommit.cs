using StellaOps.Telemetry.IngestGateway.Pipeline;

namespace StellaOps.Telemetry.IngestGateway.Log;

/// <summary>Group commit: one fdatasync answers all appends that wait for it.</summary>
internal sealed partial class BatchLog
{
    private readonly PulseSignal _syncWanted = new();
    private Task _flushing = Task.CompletedTask;
    private TaskCompletionSource<bool>? _group;
    private volatile bool _syncStop;
    private long _syncs;

    /// <summary>How many syncs were made; fewer than appends when they are grouped.</summary>
    public long Syncs => Interlocked.Read(ref _syncs);

    private Task<bool> NextSyncLocked() => (_group ??= new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    private async Task FlushLoopAsync()
    {
        await Task.Yield();
        var files = new List<LogFile>();
        while (!_syncStop)
        {
            var wanted = _syncWanted.NextAsync();
            TaskCompletionSource<bool>? group;
            ulong last;
            files.Clear();
            lock (_appendLock)
            {
                (group, _group) = (_group, null);
                last = _nextSequence - 1;
                files.AddRange(_unsynced);
                _unsynced.Clear();
                if (_tailFile is not null)
                {
                    files.Add(_tailFile);
                }
            }

            if (group is null)
            {
                await wanted;
                continue;
            }

            try
            {
                foreach (var file in files)
                {
                    DataSync.Flush(file.Handle);
                    Interlocked.Increment(ref _syncs);
                }

                Volatile.Write(ref _visible, last);
                group.SetResult(true);
                Appended.Pulse();
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException)
            {
                LogWriteFailed(e);
                lock (_appendLock)
                {
                    // The kernel forgets a failed write-back: these pages count as clean. Write elsewhere from now on; senders send again.
                    _tailFile = null;
                    Volatile.Write(ref _visible, Math.Max(_visible, last));
                }

                group.SetResult(false);
                Appended.Pulse();
            }
        }
    }
}
