using System.Net;
using System.Net.Http.Headers;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Otlp;

namespace StellaOps.Telemetry.Cli.Commands.Evidence;

/// <summary>
/// Sends batches over OTLP/HTTP. A batch that must be sent again carries the same mark, so the gateway's log and a later capture know it for
/// the same.
/// </summary>
internal sealed class ReplaySender(HttpClient http, Uri endpoint, string replayId, TimeProvider time)
{
    // 0.2 s, 0.4 s, ... 5 s: about 20 s in all, longer than a gateway takes to come back.
    private const int MaxAttempts = 9;
    private static readonly TimeSpan s_firstWait = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_longestWait = TimeSpan.FromSeconds(5);

    /// <summary>Batches sent.</summary>
    public int Batches { get; private set; }

    /// <summary>Sends one Export request.</summary>
    /// <returns>Records that the endpoint refused, with its reason.</returns>
    public async Task<(long Rejected, string? Reason)> SendAsync(Signal signal, ReadOnlyMemory<byte> request, CancellationToken cancellationToken)
    {
        var mark = $"{replayId}/{Batches++}";
        var wait = s_firstWait;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                using var message = new HttpRequestMessage(HttpMethod.Post, new Uri(endpoint, $"v1/{signal.ToName()}")) { Content = new ReadOnlyMemoryContent(request) };
                message.Content.Headers.ContentType = new MediaTypeHeaderValue("application/x-protobuf");
                message.Headers.Add(KnownHeaders.Replay, mark);
                using var response = await http.SendAsync(message, cancellationToken);
                if (response.IsSuccessStatusCode)
                {
                    return ReadPartialSuccess(await response.Content.ReadAsByteArrayAsync(cancellationToken));
                }

                if (!IsRetryable(response.StatusCode) || attempt == MaxAttempts)
                {
                    throw Refused(response.StatusCode, mark);
                }

                wait = response.Headers.RetryAfter?.Delta is { } told && told > wait ? told : wait;
            }
            catch (Exception e) when ((e is HttpRequestException || (e is TaskCanceledException && !cancellationToken.IsCancellationRequested)) && attempt < MaxAttempts)
            {
                // Not reached, or no answer: whether it was logged is unknown, and the mark makes a second time harmless.
            }

            await Task.Delay(wait < s_longestWait ? wait : s_longestWait, time, cancellationToken);
            wait *= 2;
        }
    }

    private static (long Rejected, string? Reason) ReadPartialSuccess(byte[] answer) =>
        OtlpAnswer.TryReadPartialSuccess(answer, out var rejected, out var reason)
            ? (rejected, reason.Length == 0 ? null : reason)
            : throw new CliException(CliExitCodes.Failed, "the endpoint's answer is no OTLP response", "name an OTLP/HTTP endpoint, such as http://127.0.0.1:4318");

    private static bool IsRetryable(HttpStatusCode status) =>
        status is HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout;

    private static CliException Refused(HttpStatusCode status, string mark) => status switch
    {
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => new CliException(
            CliExitCodes.NotAllowed,
            $"the endpoint refused batch {mark} with {(int)status}",
            $"the token needs {KnownScopes.TelemetryWrite} and {KnownScopes.ReplayWrite} and exactly one tenant, which must be registered there"),
        _ => new CliException(CliExitCodes.Failed, $"the endpoint refused batch {mark} with {(int)status} {status}", "see the gateway's log"),
    };
}
