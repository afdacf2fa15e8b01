using Microsoft.Extensions.Options;
using Npgsql;
using StellaOps.Telemetry.Contracts.Captures;
using StellaOps.Telemetry.ServiceDefaults.Database;

namespace StellaOps.Telemetry.CaptureWorker.Jobs;

/// <summary>Takes up jobs, one at a time, and works on each under a lease and a limit of time.</summary>
internal sealed partial class CaptureWorkerService(
    CaptureJobStore store,
    ICaptureRunner runner,
    BundleFolder bundles,
    DatabaseState database,
    CaptureInstruments instruments,
    IOptions<CaptureOptions> options,
    TimeProvider time,
    ILogger<CaptureWorkerService> logger) : BackgroundService
{
    private static readonly TimeSpan s_retryAfter = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_releaseTimeout = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await database.WaitMigratedAsync(stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                foreach (var id in await store.AbandonAsync(options.Value.MaxAttempts, stoppingToken))
                {
                    Log.Abandoned(logger, id, options.Value.MaxAttempts);
                    bundles.CleanWork(id);
                }

                var settled = UnixNano.Of(time.GetUtcNow() - options.Value.Settle);
                if (await store.ClaimAsync(options.Value.WorkerName, options.Value.Lease, settled, options.Value.MaxAttempts, stoppingToken) is { } job)
                {
                    await WorkAsync(job, stoppingToken);
                    continue;
                }
            }
            catch (Exception e) when (e is NpgsqlException or TimeoutException)
            {
                // PostgreSQL is away: the job's lease runs out, and whoever is there first takes it up.
                Log.LoopFailed(logger, e.Message);
            }

            await Task.Delay(options.Value.PollInterval, time, stoppingToken);
        }
    }

    private async Task WorkAsync(CaptureJob job, CancellationToken stoppingToken)
    {
        var started = time.GetTimestamp();
        Log.Started(logger, job.Id, job.Tenant.Value, job.Attempt);
        await using var lease = new CaptureLease(store, job, options.Value.Lease, time, logger, stoppingToken);
        using var limit = new CancellationTokenSource(TimeLeft(job), time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(lease.Token, limit.Token);
        try
        {
            var (result, folder) = await runner.RunAsync(job, lease.Report, both.Token);
            if (!await store.SucceedAsync(job, result, () => bundles.Publish(job.Id, folder), lease.Token))
            {
                await LoseAsync(job, started, stoppingToken);
                return;
            }

            bundles.CleanWork(job.Id);
            instruments.OnSucceeded(time.GetElapsedTime(started), result.Incomplete.Count == 0);
            Log.Succeeded(logger, job.Id, result.ArchiveHash, result.Gaps.Count);
        }
        catch (OperationCanceledException) when (lease.IsLost)
        {
            await LoseAsync(job, started, stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            using var patience = new CancellationTokenSource(s_releaseTimeout, time);
            await store.ReleaseAsync(job, patience.Token);
            Log.Released(logger, job.Id);
        }
        catch (OperationCanceledException e) when (limit.IsCancellationRequested)
        {
            await FailAsync(job, new CaptureFailedException(OutOfTime(job, lease.Phase), e), retry: false, started, stoppingToken);
        }
        catch (CaptureFailedException e)
        {
            // Trying again cannot help.
            await FailAsync(job, e, retry: false, started, stoppingToken);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            await FailAsync(job, e, retry: job.Attempt < options.Value.MaxAttempts, started, stoppingToken);
        }
        finally
        {
            // Whoever goes on with the job begins in a folder of its own; the disk is given back now.
            bundles.RemoveWork(job);
        }
    }

    private TimeSpan LimitOf(CaptureJob job) => job.MaxDurationSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : options.Value.MaxDuration;

    private TimeSpan TimeLeft(CaptureJob job)
    {
        var left = LimitOf(job) - (time.GetUtcNow() - (job.StartedAt ?? time.GetUtcNow()));
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private string OutOfTime(CaptureJob job, string phase) =>
        $"stopped while {phase}: it took longer than its limit of {LimitOf(job).TotalSeconds:0.#} s; capture a shorter window, single services or a trace, "
        + $"or raise the limit (maxDurationSeconds of the request, up to {options.Value.MaxDuration.TotalSeconds:0.#}, which {CaptureOptions.KeyOf(nameof(CaptureOptions.MaxDuration))} sets)";

    private async Task LoseAsync(CaptureJob job, long started, CancellationToken cancellationToken)
    {
        if (await store.FindAsync(job.Id, cancellationToken) is { State: CaptureState.Cancelled } cancelled)
        {
            instruments.OnCancelled(time.GetElapsedTime(started));
            Log.Cancelled(logger, job.Id, cancelled.Failure);
        }
        else
        {
            Log.Lost(logger, job.Id);
        }
    }

    private async Task FailAsync(CaptureJob job, Exception exception, bool retry, long started, CancellationToken cancellationToken)
    {
        var failure = retry || exception is CaptureFailedException ? exception.Message : $"given up after {job.Attempt} attempts: {exception.Message}";
        await store.FailAsync(job, failure, retry ? s_retryAfter : null, cancellationToken);
        if (retry)
        {
            Log.Retried(logger, exception, job.Id, job.Attempt);
            return;
        }

        bundles.CleanWork(job.Id);
        instruments.OnFailed(time.GetElapsedTime(started));
        Log.Failed(logger, exception, job.Id);
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.JobStarted, LogLevel.Information, "capture {Id} of tenant {Tenant} taken up, attempt {Attempt}")]
        public static partial void Started(ILogger logger, string id, string tenant, int attempt);

        [LoggerMessage(EventIds.JobSucceeded, LogLevel.Information, "capture {Id} done: archive {ArchiveHash}, {Gaps} gaps")]
        public static partial void Succeeded(ILogger logger, string id, string archiveHash, int gaps);

        [LoggerMessage(EventIds.JobFailed, LogLevel.Error, "capture {Id} failed")]
        public static partial void Failed(ILogger logger, Exception exception, string id);

        [LoggerMessage(EventIds.JobRetried, LogLevel.Warning, "capture {Id} failed in attempt {Attempt} and is tried again")]
        public static partial void Retried(ILogger logger, Exception exception, string id, int attempt);

        [LoggerMessage(EventIds.JobLost, LogLevel.Warning, "capture {Id} was taken over by another worker")]
        public static partial void Lost(ILogger logger, string id);

        [LoggerMessage(EventIds.JobReleased, LogLevel.Information, "capture {Id} given back: this worker stops")]
        public static partial void Released(ILogger logger, string id);

        [LoggerMessage(EventIds.JobCancelled, LogLevel.Information, "capture {Id} stopped: {Reason}")]
        public static partial void Cancelled(ILogger logger, string id, string? reason);

        [LoggerMessage(EventIds.JobAbandoned, LogLevel.Error, "capture {Id} given up: {Attempts} workers in a row died over it")]
        public static partial void Abandoned(ILogger logger, string id, int attempts);

        [LoggerMessage(EventIds.LoopFailed, LogLevel.Warning, "looking for jobs failed: {Reason}")]
        public static partial void LoopFailed(ILogger logger, string reason);
    }
}
