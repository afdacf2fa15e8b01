using StellaOps.Telemetry.ServiceDefaults.Database;

namespace StellaOps.Telemetry.CaptureWorker.Jobs;

/// <summary>Removes what attempts left half done whose worker died and whose job has ended since, or is another worker's: gigabytes, perhaps.</summary>
internal sealed partial class WorkSweeper(CaptureJobStore store, BundleFolder bundles, DatabaseState database, TimeProvider time, ILogger<WorkSweeper> logger) : DatabaseWorker(database, time)
{
    protected override TimeSpan Period { get; } = TimeSpan.FromMinutes(1);

    public override async Task RunAsync(CancellationToken cancellationToken)
    {
        // Folders first: one that is made now belongs to an attempt that the database knows by then.
        var found = bundles.ListWork();
        if (found.Count == 0)
        {
            return;
        }

        var running = await store.ListRunningAsync(cancellationToken);
        foreach (var (id, attempt) in found.Where(f => !running.Contains(f)))
        {
            if (bundles.RemoveWork(id, attempt))
            {
                Log.Removed(logger, id, attempt);
            }
            else
            {
                Log.NotRemoved(logger, id, attempt);
            }
        }
    }

    protected override void OnFailed(string reason) => Log.Failed(logger, reason);

    private static partial class Log
    {
        [LoggerMessage(EventIds.WorkRemoved, LogLevel.Information, "capture {Id}: what its attempt {Attempt} left half done is removed")]
        public static partial void Removed(ILogger logger, string id, int attempt);

        [LoggerMessage(EventIds.WorkNotRemoved, LogLevel.Warning, "capture {Id}: what its attempt {Attempt} left half done cannot be removed now, and takes up the disk")]
        public static partial void NotRemoved(ILogger logger, string id, int attempt);

        [LoggerMessage(EventIds.SweepFailed, LogLevel.Warning, "which captures run could not be asked: {Reason}")]
        public static partial void Failed(ILogger logger, string reason);
    }
}
