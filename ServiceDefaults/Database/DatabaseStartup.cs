using System.Data.Common;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace StellaOps.Telemetry.ServiceDefaults.Database;

/// <summary>Migrates at start. A database that is away is waited for: the service answers "not ready" until it is back.</summary>
internal sealed partial class DatabaseStartup(DatabaseMigrator migrator, DatabaseState state, TimeProvider time, ILogger<DatabaseStartup> logger) : BackgroundService
{
    private static readonly TimeSpan s_again = TimeSpan.FromMilliseconds(500);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await migrator.MigrateAsync(stoppingToken);
                state.OnMigrated();
                Log.Migrated(logger);
                return;
            }
            catch (InvalidOperationException) when (stoppingToken.IsCancellationRequested)
            {
                // Stopped in the middle: the data source is gone, the next start goes on where this one was.
                return;
            }
            catch (Exception e) when (e is DbException or InvalidOperationException { InnerException: DbException or TimeoutException } or TimeoutException)
            {
                if (state.LastFailure != e.Message)
                {
                    Log.Waiting(logger, e.Message);
                }

                state.OnFailed(e.Message);
                await Task.Delay(s_again, time, stoppingToken);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.DatabaseMigrated, LogLevel.Information, "The database is up to date")]
        public static partial void Migrated(ILogger logger);

        [LoggerMessage(EventIds.DatabaseWaiting, LogLevel.Warning, "Waiting for PostgreSQL: {Reason}")]
        public static partial void Waiting(ILogger logger, string reason);
    }
}
