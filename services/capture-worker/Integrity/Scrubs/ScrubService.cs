using Microsoft.Extensions.Options;
using Npgsql;
using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Archive.Scrubbing;
using StellaOps.Telemetry.CaptureWorker.Integrity.Roots;
using StellaOps.Telemetry.Contracts.Archive;
using StellaOps.Telemetry.ServiceDefaults.Database;

namespace StellaOps.Telemetry.CaptureWorker.Integrity.Scrubs;

/// <summary>Takes up scrubs, one at a time; who is killed loses it to the next, which goes on after the last day that was done.</summary>
internal sealed partial class ScrubService(
    IObjectStore store,
    SigningIdentity identity,
    ScrubStore scrubs,
    RootHeadStore heads,
    DatabaseState database,
    IntegrityInstruments instruments,
    IOptions<IntegrityOptions> options,
    TimeProvider time,
    ILogger<ScrubService> logger) : DatabaseWorker(database, time)
{
    private const int MaxAttempts = 20;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_retryAfter = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_releaseTimeout = TimeSpan.FromSeconds(2);

    // Scrubs of other workers count too.
    private static readonly TimeSpan s_standing = TimeSpan.FromMinutes(1);
    private long _standingAt;

    protected override TimeSpan Period => options.Value.Scrub.PollInterval;

    public override async Task RunAsync(CancellationToken cancellationToken)
    {
        if (options.Value.Scrub.Every > TimeSpan.Zero)
        {
            await scrubs.PlanAsync(options.Value.Scrub.Every, cancellationToken);
        }

        while (await scrubs.ClaimAsync(options.Value.Scrub.Lease, cancellationToken) is { } row)
        {
            await WorkAsync(row, cancellationToken);
            _standingAt = 0;
        }

        if (_standingAt == 0 || Time.GetElapsedTime(_standingAt) >= s_standing)
        {
            instruments.OnStanding(await scrubs.StandingAsync(cancellationToken));
            _standingAt = Time.GetTimestamp();
        }
    }

    protected override void OnFailed(string reason) => Log.LoopFailed(logger, reason);

    private async Task WorkAsync(ScrubRow row, CancellationToken stoppingToken)
    {
        Log.Started(logger, row.Id, row.Attempt);
        using var lost = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        var renewing = RenewAsync(row, lost);
        try
        {
            var report = await ScrubAsync(row, lost.Token);
            if (await scrubs.SucceedAsync(row, report, stoppingToken))
            {
                instruments.OnScrubEnded(report);
                Log.Ended(logger, row.Id, report.Chunks, report.StoredBytes, report.FindingCount);
                foreach (var finding in report.Findings)
                {
                    Log.Found(logger, finding.Kind, finding.Key, finding.What, finding.Mend);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            using var patience = new CancellationTokenSource(s_releaseTimeout, Time);
            await scrubs.ReleaseAsync(row, TimeSpan.Zero, patience.Token);
        }
        catch (OperationCanceledException)
        {
            // Another worker has it.
        }
        catch (Exception e) when (e is not NpgsqlException and not TimeoutException)
        {
            await FailAsync(row, e, stoppingToken);
        }
        finally
        {
            await lost.CancelAsync();
            await renewing;
        }
    }

    private async Task<ScrubReport> ScrubAsync(ScrubRow row, CancellationToken cancellationToken)
    {
        var known = await heads.AllAsync(cancellationToken);
        var manner = new ScrubManner(
            t => known.GetValueOrDefault(t.Value), options.Value.Scrub.Settle, s_patience, row.Scheduled ? options.Value.Scrub.BytesPerSecond : null);
        var before = row.ReadReport();
        var tally = new ScrubTally(before);
        var counted = before?.StoredBytes ?? 0;
        await new ArchiveScrubber(store, identity.Trust, manner, Time).RunAsync(
            row.Scope,
            tally,
            row.ReadCursor(),
            async cursor =>
            {
                var report = tally.ToReport();
                instruments.OnScrubbed(report.StoredBytes - counted);
                counted = report.StoredBytes;
                if (!await scrubs.SaveAsync(row, cursor, report, cancellationToken))
                {
                    throw new OperationCanceledException("the scrub is another worker's");
                }
            },
            cancellationToken);
        return tally.ToReport();
    }

    /// <summary>Renews the lease, and cancels the work once it is another's.</summary>
    private async Task RenewAsync(ScrubRow row, CancellationTokenSource lost)
    {
        try
        {
            using var timer = new PeriodicTimer(options.Value.Scrub.Lease / 5, Time);
            while (await timer.WaitForNextTickAsync(lost.Token))
            {
                if (!await scrubs.RenewAsync(row, options.Value.Scrub.Lease, lost.Token))
                {
                    await lost.CancelAsync();
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The work ended.
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException)
        {
            // What cannot be renewed is lost when the lease ends; two that read do no harm.
            Log.LoopFailed(logger, e.Message);
        }
    }

    private async Task FailAsync(ScrubRow row, Exception exception, CancellationToken cancellationToken)
    {
        if (row.Attempt < MaxAttempts)
        {
            Log.Retried(logger, exception, row.Id, row.Attempt);
            await scrubs.ReleaseAsync(row, s_retryAfter, cancellationToken);
            return;
        }

        Log.Failed(logger, exception, row.Id);
        instruments.OnScrubFailed();
        await scrubs.FailAsync(row, $"given up after {row.Attempt} attempts: {exception.Message}", cancellationToken);
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.ScrubStarted, LogLevel.Information, "scrub {Id} taken up, attempt {Attempt}")]
        public static partial void Started(ILogger logger, string id, int attempt);

        [LoggerMessage(EventIds.ScrubEnded, LogLevel.Information, "scrub {Id} done: {Chunks} chunks, {StoredBytes} bytes, {Findings} findings")]
        public static partial void Ended(ILogger logger, string id, long chunks, long storedBytes, long findings);

        [LoggerMessage(EventIds.ScrubFound, LogLevel.Error, "archive: {Kind}: '{Key}': {What}; to mend: {Mend}")]
        public static partial void Found(ILogger logger, string kind, string key, string what, string mend);

        [LoggerMessage(EventIds.ScrubRetried, LogLevel.Warning, "scrub {Id} failed in attempt {Attempt} and goes on later")]
        public static partial void Retried(ILogger logger, Exception exception, string id, int attempt);

        [LoggerMessage(EventIds.ScrubFailed, LogLevel.Error, "scrub {Id} is given up")]
        public static partial void Failed(ILogger logger, Exception exception, string id);

        [LoggerMessage(EventIds.ScrubsFailed, LogLevel.Warning, "looking for scrubs failed: {Reason}")]
        public static partial void LoopFailed(ILogger logger, string reason);
    }
}
