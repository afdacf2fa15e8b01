using System.Threading.Tasks.Sources;
using StellaOps.Telemetry.IngestGateway.Pipeline;

namespace StellaOps.Telemetry.IngestGateway.Log;

/// <summary>
/// Group commit: a thread of its own makes one fdatasync answer all appends that wait for it. A sync costs 60 us of processor however much it
/// carries, so it waits, for at most <see cref="s_gather"/>, until half as many wait as were in flight at the last one: while the disk has the
/// one half, the processors have the other. Who is alone never waits.
/// A group goes on as one work item, and waiters are reused: a wait wakes no thread of its own and allocates nothing.
/// </summary>
/// <param name="gate">The log's lock: guards waiters and what <paramref name="take"/> reads, so that they belong together.</param>
/// <param name="take">Called under the lock: fills the files to sync and returns the last sequence that is in them.</param>
/// <param name="done">Called after the sync and before the waiters go on: the sequence, and why it failed, if so.</param>
internal sealed class GroupCommit(Lock gate, Func<List<LogFile>, ulong> take, Action<ulong, Exception?> done)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_gather = TimeSpan.FromMilliseconds(2);

    private readonly AutoResetEvent _wanted = new(initialState: false);
    private readonly Stack<Waiter> _idleWaiters = [];
    private readonly Stack<Group> _idleGroups = [];
    private Group _waiting = new();
    private Thread? _thread;
    private int _wakeAt;
    private int _inFlight = 1;
    private bool _isEnding;
    private long _syncs;

    /// <summary>How many syncs were made; fewer than appends when they are grouped.</summary>
    public long Syncs => Interlocked.Read(ref _syncs);

    public void StartLocked()
    {
        if (_thread is null && !_isEnding)
        {
            _thread = new Thread(Run) { IsBackground = true, Name = "log-sync" };
            _thread.Start();
        }
    }

    /// <summary>Answers when everything appended so far is on the disk. Called under the lock; awaited outside of it.</summary>
    public ValueTask<AppendOutcome> WaitLocked()
    {
        if (!_idleWaiters.TryPop(out var waiter))
        {
            waiter = new Waiter(this);
        }

        _waiting.Waiters.Add(waiter);
        if (_waiting.Waiters.Count == _wakeAt)
        {
            _wanted.Set();
        }

        return waiter.Task;
    }

    /// <summary>Lets what waits end, then the thread.</summary>
    public void End()
    {
        Thread? thread;
        lock (gate)
        {
            _isEnding = true;
            thread = _thread;
        }

        _wanted.Set();
        thread?.Join(s_patience);
    }

    private void Run()
    {
        var files = new List<LogFile>();
        while (TryAwaitGroup())
        {
            Group group;
            ulong last;
            lock (gate)
            {
                group = _waiting;
                _waiting = _idleGroups.TryPop(out var idle) ? idle : new Group();
                _wakeAt = 0;
                files.Clear();
                last = take(files);
            }

            var failure = Sync(files);
            done(last, failure);
            lock (gate)
            {
                var inFlight = group.Waiters.Count + _waiting.Waiters.Count;
                _inFlight = Math.Max(inFlight, (_inFlight + inFlight) / 2);
            }

            group.Answer(this, failure is null ? AppendOutcome.Accepted : AppendOutcome.DiskFailed);
        }
    }

    /// <summary>Sleeps until somebody waits, then a moment for the others; false at the end.</summary>
    private bool TryAwaitGroup()
    {
        while (true)
        {
            lock (gate)
            {
                var count = _waiting.Waiters.Count;
                var enough = Math.Max(1, _inFlight / 2);
                if (count >= enough || (_isEnding && count > 0))
                {
                    return true;
                }

                if (_isEnding)
                {
                    return false;
                }

                _wakeAt = count > 0 ? enough : 1;
            }

            if (_wakeAt > 1 ? !_wanted.WaitOne(s_gather) : !_wanted.WaitOne())
            {
                return true;
            }
        }
    }

    private Exception? Sync(List<LogFile> files)
    {
        try
        {
            foreach (var file in files)
            {
                DataSync.Flush(file.Handle);
                Interlocked.Increment(ref _syncs);
            }

            return null;
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            return e;
        }
    }

    // As many waiters and groups as ever were in use at once: bounded by the requests in flight.
    private void Return(Waiter waiter)
    {
        lock (gate)
        {
            _idleWaiters.Push(waiter);
        }
    }

    private void Return(Group group)
    {
        lock (gate)
        {
            _idleGroups.Push(group);
        }
    }

    private sealed class Group : IThreadPoolWorkItem
    {
        private GroupCommit? _owner;
        private AppendOutcome _outcome;

        public List<Waiter> Waiters { get; } = [];

        public void Answer(GroupCommit owner, AppendOutcome outcome)
        {
            (_owner, _outcome) = (owner, outcome);
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }

        public void Execute()
        {
            foreach (var waiter in Waiters)
            {
                waiter.Answer(_outcome);
            }

            Waiters.Clear();
            _owner!.Return(this);
        }
    }

    private sealed class Waiter(GroupCommit owner) : IValueTaskSource<AppendOutcome>
    {
        private ManualResetValueTaskSourceCore<AppendOutcome> _core;

        public ValueTask<AppendOutcome> Task => new(this, _core.Version);

        public void Answer(AppendOutcome outcome) => _core.SetResult(outcome);

        public AppendOutcome GetResult(short token)
        {
            var outcome = _core.GetResult(token);
            _core.Reset();
            owner.Return(this);
            return outcome;
        }

        public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

        public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
            _core.OnCompleted(continuation, state, token, flags);
    }
}
