using Npgsql;
using StellaOps.Telemetry.ServiceDefaults.Database;

namespace StellaOps.Telemetry.ProfileService.Snapshots;

/// <summary>
/// Wakes long polls when the snapshot's version changes, whichever replica changed it: by NOTIFY, and by reading the version every second in
/// case a notification was lost with its connection.
/// </summary>
internal sealed partial class SnapshotChanges(NpgsqlDataSource dataSource, DatabaseState database, SnapshotStore snapshots, TimeProvider time, ILogger<SnapshotChanges> logger) : BackgroundService
{
    private static readonly TimeSpan s_poll = TimeSpan.FromSeconds(1);

    // Replaced as a whole at each change; who waits holds the task of the version he knows.
    private volatile TaskCompletionSource _next = New();
    private long _version;

    /// <summary>Completes at the next change after this call.</summary>
    public Task NextAsync() => _next.Task;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await database.WaitMigratedAsync(stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await ListenAsync(stoppingToken);
            }
            catch (NpgsqlException e)
            {
                Log.Failed(logger, e.Message);
                await Task.Delay(s_poll, time, stoppingToken);
            }
        }
    }

    private async Task ListenAsync(CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using (var listen = new NpgsqlCommand($"LISTEN {SnapshotVersion.Channel}", connection))
        {
            await listen.ExecuteNonQueryAsync(cancellationToken);
        }

        while (true)
        {
            var version = await snapshots.ReadVersionAsync(cancellationToken);
            if (version != _version)
            {
                _version = version;
                Interlocked.Exchange(ref _next, New()).TrySetResult();
            }

            await connection.WaitAsync(s_poll, cancellationToken);
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static partial class Log
    {
        [LoggerMessage(EventIds.ListenFailed, LogLevel.Warning, "Not listening for changes, trying again: {Reason}")]
        public static partial void Failed(ILogger logger, string reason);
    }
}
