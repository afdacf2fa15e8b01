using Microsoft.Extensions.Options;
using Npgsql;
using StellaOps.Telemetry.CaptureWorker.Retention.Policy;
using StellaOps.Telemetry.ServiceDefaults.Database;

namespace StellaOps.Telemetry.CaptureWorker.Retention.Sweeping;

/// <summary>Sweeps from time to time, and finishes what workers that died left. Of several workers one sweeps at a time.</summary>
internal sealed partial class RetentionService(
    NpgsqlDataSource dataSource,
    DatabaseState database,
    PolicyState policy,
    RetentionSweeper sweeper,
    ChunkRemover remover,
    RetentionInstruments instruments,
    IOptions<RetentionOptions> options,
    TimeProvider time,
    ILogger<RetentionService> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.Value.Enabled)
        {
            Log.Off(logger);
            return;
        }

        await database.WaitMigratedAsync(stoppingToken);
        var swept = 0L;
        while (!stoppingToken.IsCancellationRequested)
        {
            var pause = Pause();
            try
            {
                // What is left half-done waits for no interval: holds wait for it.
                await remover.RecoverAsync(options.Value, stoppingToken);
                if ((swept == 0 || time.GetElapsedTime(swept) >= options.Value.Interval) && policy.Current is { } current)
                {
                    if (await ArchiveLock.TryRunAsync(dataSource, _ => sweeper.SweepAsync(current, options.Value, stoppingToken), stoppingToken))
                    {
                        swept = time.GetTimestamp();
                    }
                    else if (pause > ArchiveLock.AskAgainAfter)
                    {
                        pause = ArchiveLock.AskAgainAfter;
                    }
                }
            }
            catch (Exception e) when (e is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                instruments.OnFailed("");
                Log.Failed(logger, e);
            }

            await Task.Delay(pause, time, stoppingToken);
        }
    }

    private TimeSpan Pause()
    {
        var pause = options.Value.Interval < options.Value.Lease ? options.Value.Interval : options.Value.Lease;
        return policy.Current is null && pause > TimeSpan.FromSeconds(1) ? TimeSpan.FromSeconds(1) : pause;
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.RetentionOff, LogLevel.Information, "this worker deletes nothing: Stella__Retention__Enabled is false")]
        public static partial void Off(ILogger logger);

        [LoggerMessage(EventIds.RetentionFailed, LogLevel.Error, "retention failed and is tried again")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
