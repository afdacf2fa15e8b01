using Npgsql;
using StellaOps.Telemetry.ServiceDefaults.Database;

namespace StellaOps.Telemetry.CaptureWorker.Integrity;

/// <summary>Goes over the whole archive from time to time. One worker at a time does.</summary>
internal abstract class ArchivePass(NpgsqlDataSource dataSource, DatabaseState database, TimeProvider time) : DatabaseWorker(database, time)
{
    /// <summary>Whether this worker does it at all.</summary>
    protected abstract bool IsEnabled { get; }

    /// <summary>One pass; nothing when another worker is at it.</summary>
    public override async Task RunAsync(CancellationToken cancellationToken)
    {
        await using var held = await ArchiveLock.TryTakeAsync(dataSource, cancellationToken);
        if (held is not null)
        {
            await RunAsync(held, cancellationToken);
        }
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => IsEnabled ? base.ExecuteAsync(stoppingToken) : Task.CompletedTask;

    protected override bool IsOutage(Exception exception) => exception is IOException || base.IsOutage(exception);

    protected abstract Task RunAsync(ArchiveLock held, CancellationToken cancellationToken);
}
