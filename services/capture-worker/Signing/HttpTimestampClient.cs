using Microsoft.Extensions.Options;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Egress;
using StellaOps.Telemetry.Evidence.Time;

namespace StellaOps.Telemetry.CaptureWorker.Signing;

/// <summary>Asks the configured timestamp authority, over connections that the one dialer makes.</summary>
internal sealed partial class HttpTimestampClient(EgressDialer dialer, IOptions<CaptureFilesOptions> files, TimeProvider time, ILogger<HttpTimestampClient> logger) : ITimestampClient
{
    private static readonly TimeSpan s_firstPause = TimeSpan.FromMilliseconds(500);

    private TsaOptions Tsa => files.Value.Signing.Tsa;

    public async Task<byte[]> AskAsync(ReadOnlyMemory<byte> request, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await AskOnceAsync(request, cancellationToken);
            }
            catch (Exception e) when (EgressDeniedException.In(e) is { } denied)
            {
                // Asking again would be denied again.
                throw new TimestampException($"the timestamp authority {Tsa.Url}: {denied.Message}", e);
            }
            catch (Exception e) when ((e is HttpRequestException or IOException or OperationCanceledException) && !cancellationToken.IsCancellationRequested)
            {
                var reason = e is OperationCanceledException ? $"no answer within {Tsa.Timeout.TotalSeconds:0.#} s" : e.Message;
                Log.Unanswered(logger, Tsa.Url!, attempt, Tsa.Attempts, reason);
                if (attempt >= Tsa.Attempts)
                {
                    throw new TimestampException($"the timestamp authority {Tsa.Url}: {reason}", e);
                }
            }

            await Task.Delay(s_firstPause * Math.Pow(2, attempt - 1), time, cancellationToken);
        }
    }

    private async Task<byte[]> AskOnceAsync(ReadOnlyMemory<byte> request, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(Tsa.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        var handler = dialer.CreateHandler();

        // The authority is nobody of ours: it is given no trace to belong to.
        handler.ActivityHeadersPropagator = null;
        handler.MaxResponseDrainSize = 0;
        using var http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        return await new TimestampAuthorityClient(http, Tsa.Url!).AskAsync(request, TimestampResponse.MaxBytes, either.Token);
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.TimestampUnanswered, LogLevel.Warning, "timestamp authority {Url}: attempt {Attempt} of {Attempts}: {Reason}")]
        public static partial void Unanswered(ILogger logger, Uri url, int attempt, int attempts, string reason);
    }
}
