using Npgsql;
using StellaOps.Telemetry.ServiceDefaults.Database;

namespace StellaOps.Telemetry.CaptureWorker.Integrity;

/// <summary>Goes over the whole archive from time to time. One worker at a time does.</summary>
internal abstract class ArchivePass(NpgsqlDataSource dataSource, DatabaseState database, TimeProvider time) : BackgroundService
{
    /// <summary>Whether this worker does it at all.</summary>
    protected abstract bool IsEnabled { get; }

    protected TimeProvider Time { get; } = time;

    /// <summary>Between the beginnings of two passes.</summary>
    protected abstract TimeSpan Interval { get; }

    /// <summary>One pass; nothing when another worker is at it.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await using var held = await ArchiveLock.TryTakeAsync(dataSource, cancellationToken);
        if (held is not null)
        {
            await RunAsync(held, cancellationToken);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!IsEnabled)
        {
            return;
        }

        await database.WaitMigratedAsync(stoppingToken);
        using var timer = new PeriodicTimer(Interval, Time);
        do
        {
            try
            {
                await RunAsync(stoppingToken);
            }
            catch (Exception e) when (e is NpgsqlException or TimeoutException or IOException)
            {
                OnFailed(e.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    protected abstract Task RunAsync(ArchiveLock held, CancellationToken cancellationToken);

    /// <summary>The next pass tries again.</summary>
    protected abstract void OnFailed(string reason);
}
