using Npgsql;

namespace StellaOps.Telemetry.CaptureWorker.Jobs;

/// <summary>
/// Keeps a job this worker's while it is worked on: renews the lease, carries phase and progress along, and cancels the work once the job is
/// another's, or once the lease cannot have been renewed in time.
/// </summary>
internal sealed partial class CaptureLease : IAsyncDisposable
{
    /// <summary>At most so long until progress is told, and a cancelled job noticed.</summary>
    private static readonly TimeSpan s_longestRest = TimeSpan.FromSeconds(1);

    private readonly CaptureJobStore _store;
    private readonly CaptureJob _job;
    private readonly TimeSpan _lease;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _lost;
    private readonly CancellationTokenSource _done = new();
    private readonly Task _renewal;
    private readonly SemaphoreSlim _changed = new(0);
    private volatile CaptureProgress _progress = new("promoting", 0);

    public CaptureLease(CaptureJobStore store, CaptureJob job, TimeSpan lease, TimeProvider time, ILogger logger, CancellationToken stoppingToken)
    {
        (_store, _job, _lease, _time, _logger) = (store, job, lease, time, logger);
        _lost = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        _renewal = Task.Run(RenewAsync, CancellationToken.None);
    }

    /// <summary>Cancelled when the job is lost, and when the worker stops.</summary>
    public CancellationToken Token => _lost.Token;

    /// <summary>Whether the job was lost: to another worker, or because somebody cancelled it.</summary>
    public bool IsLost { get; private set; }

    /// <summary>What the job does now.</summary>
    public string Phase => _progress.Phase;

    /// <summary>Tells what the job does now; written within the next renewal, a new phase at once.</summary>
    public void Report(string phase, double progress)
    {
        var newPhase = _progress.Phase != phase;
        _progress = new CaptureProgress(phase, Math.Clamp(progress, 0, 1));
        if (newPhase)
        {
            _changed.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _done.CancelAsync();
        await _renewal;
        _lost.Dispose();
        _done.Dispose();
        _changed.Dispose();
    }

    private async Task RenewAsync()
    {
        var renewed = _time.GetTimestamp();
        while (!_done.IsCancellationRequested)
        {
            try
            {
                var now = _progress;
                if (!await _store.RenewAsync(_job, _lease, now.Phase, now.Value, _done.Token))
                {
                    await LoseAsync();
                    return;
                }

                renewed = _time.GetTimestamp();
                await _changed.WaitAsync(_lease / 5 < s_longestRest ? _lease / 5 : s_longestRest, _done.Token);
            }
            catch (OperationCanceledException) when (_done.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is NpgsqlException or TimeoutException)
            {
                Log.NotRenewed(_logger, _job.Id, e.Message);
                if (_time.GetElapsedTime(renewed) > _lease)
                {
                    await LoseAsync();
                    return;
                }

                await Task.Delay(_lease / 10, _time, CancellationToken.None);
            }
        }
    }

    private async Task LoseAsync()
    {
        IsLost = true;
        await _lost.CancelAsync();
    }

    private sealed record CaptureProgress(string Phase, double Value);

    private static partial class Log
    {
        [LoggerMessage(EventIds.LeaseNotRenewed, LogLevel.Warning, "capture {Id}: the lease could not be renewed: {Reason}")]
        public static partial void NotRenewed(ILogger logger, string id, string reason);
    }
}
