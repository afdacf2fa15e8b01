using System.Net;
using System.Net.Http.Headers;
using StellaOps.Telemetry.IngestGateway.Storage;

namespace StellaOps.Telemetry.IngestGateway.Identity;

/// <summary>
/// Keeps <see cref="SnapshotState"/> current: first from the last good one on disk, then by long polls of the profile service. Whatever
/// comes is judged by its signature; the service being away, or an answer being bad, changes nothing.
/// </summary>
internal sealed partial class SnapshotClient(
    IHttpClientFactory clients,
    SnapshotState state,
    AtomicFile lastGood,
    TimeProvider time,
    ILogger<SnapshotClient> logger) : IHostedLifecycleService, IDisposable
{
    public const string HttpClientName = "gateway-snapshot";

    private const int WaitSeconds = 20;
    private const int MaxSnapshotBytes = 64 << 20;

    private static readonly TimeSpan s_firstBackoff = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_maxBackoff = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;
    private string? _etag;
    private bool _wasUnreachable;

    /// <summary>Before any listener opens, so that a restart while the profile service is away refuses nobody.</summary>
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (lastGood.TryRead() is { } stored)
            {
                Judge(state.Offer(stored), "disk");
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.StoredUnreadable(logger, e);
        }

        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _running = RunAsync(_stopping.Token);
        return Task.CompletedTask;
    }

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _running.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _stopping.Dispose();

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        await Task.Yield();
        var backoff = s_firstBackoff;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                var wellAnswered = await PollAsync(cancellationToken);
                backoff = wellAnswered ? s_firstBackoff : Longer(backoff);
                if (!wellAnswered)
                {
                    await Task.Delay(backoff, time, cancellationToken);
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException or UnauthorizedAccessException or InvalidOperationException)
            {
                // The client's own time-out comes as a cancellation that is not ours; a token file may not be there yet.
                if (!_wasUnreachable)
                {
                    _wasUnreachable = true;
                    Log.Unreachable(logger, e.Message);
                }

                backoff = Longer(backoff);
                await Task.Delay(backoff, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>One long poll; false when the next one had better wait.</summary>
    private async Task<bool> PollAsync(CancellationToken cancellationToken)
    {
        using var client = clients.CreateClient(HttpClientName);
        client.MaxResponseContentBufferSize = MaxSnapshotBytes;
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/v1/gateways/snapshot?waitSeconds={WaitSeconds}");
        if (_etag is not null)
        {
            request.Headers.IfNoneMatch.Add(EntityTagHeaderValue.Parse(_etag));
        }

        using var response = await client.SendAsync(request, cancellationToken);
        if (response.StatusCode == HttpStatusCode.NotModified)
        {
            _wasUnreachable = false;
            return true;
        }

        response.EnsureSuccessStatusCode();
        _wasUnreachable = false;
        var envelope = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        var outcome = state.Offer(envelope);
        Judge(outcome, "profile service");
        switch (outcome)
        {
            case SnapshotOutcome.Taken:
                _etag = response.Headers.ETag?.ToString();
                Store(envelope);
                return true;
            case SnapshotOutcome.Unchanged:
                var known = _etag;
                _etag = response.Headers.ETag?.ToString();

                // Twice the same without a wait would be a busy loop.
                return _etag is not null && _etag != known;
            default:
                return false;
        }
    }

    private void Store(byte[] envelope)
    {
        try
        {
            lastGood.Write(envelope);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.NotStored(logger, e);
        }
    }

    private void Judge(SnapshotOutcome outcome, string source)
    {
        if (outcome == SnapshotOutcome.Taken)
        {
            Log.Taken(logger, state.Current!.Version, source);
        }
        else if (outcome != SnapshotOutcome.Unchanged)
        {
            Log.Refused(logger, source, outcome);
        }
    }

    private static TimeSpan Longer(TimeSpan backoff) => backoff * 2 < s_maxBackoff ? backoff * 2 : s_maxBackoff;

    private static partial class Log
    {
        [LoggerMessage(EventIds.SnapshotTaken, LogLevel.Information, "Snapshot {Version} of tenants and ingest keys in force, from {Source}")]
        public static partial void Taken(ILogger logger, long version, string source);

        [LoggerMessage(EventIds.SnapshotRefused, LogLevel.Error, "Snapshot from {Source} refused: {Outcome}; the one in force stays")]
        public static partial void Refused(ILogger logger, string source, SnapshotOutcome outcome);

        [LoggerMessage(EventIds.SnapshotUnreachable, LogLevel.Warning, "Profile service not reachable, the snapshot in force stays: {Reason}")]
        public static partial void Unreachable(ILogger logger, string reason);

        [LoggerMessage(EventIds.SnapshotStoredUnreadable, LogLevel.Error, "Stored snapshot cannot be read")]
        public static partial void StoredUnreadable(ILogger logger, Exception exception);

        [LoggerMessage(EventIds.SnapshotNotStored, LogLevel.Error, "Snapshot is in force but cannot be stored: a restart without the profile service begins with an older one")]
        public static partial void NotStored(ILogger logger, Exception exception);
    }
}
