using StellaOps.Telemetry.ServiceDefaults.Database;

namespace StellaOps.Telemetry.ProfileService.Snapshots;

/// <summary>Wakes long polls when the snapshot's version changes, whichever replica changed it.</summary>
internal sealed partial class SnapshotChanges(ChannelWatch watch, SnapshotStore snapshots, ILogger<SnapshotChanges> logger) : BackgroundService
{
    // Replaced as a whole at each change; who waits holds the task of the version he knows.
    private volatile TaskCompletionSource _next = New();
    private long _version;

    /// <summary>Completes at the next change after this call.</summary>
    public Task NextAsync() => _next.Task;

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        watch.RunAsync(SnapshotVersion.Channel, LookAsync, reason => Log.Failed(logger, reason), stoppingToken);

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        var version = await snapshots.ReadVersionAsync(cancellationToken);
        if (version != _version)
        {
            _version = version;
            Interlocked.Exchange(ref _next, New()).TrySetResult();
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static partial class Log
    {
        [LoggerMessage(EventIds.ListenFailed, LogLevel.Warning, "Not listening for changes, trying again: {Reason}")]
        public static partial void Failed(ILogger logger, string reason);
    }
}
