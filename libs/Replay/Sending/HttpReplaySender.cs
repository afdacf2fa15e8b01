using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Replays;
using StellaOps.Telemetry.Otlp;

namespace StellaOps.Telemetry.Replay.Sending;

/// <summary>OTLP/HTTP, protobuf.</summary>
/// <param name="http">Carries the credentials; stays the caller's.</param>
/// <param name="endpoint">Ends with '/'.</param>
public sealed class HttpReplaySender(HttpClient http, Uri endpoint, ReplayCompression compression) : IReplaySender
{
    /// <inheritdoc/>
    public async Task<ReplayAnswer> SendAsync(Signal signal, ReadOnlyMemory<byte> request, ReplayMark mark, CancellationToken cancellationToken)
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, new Uri(endpoint, OtlpRoute.Http(signal))) { Content = new ReadOnlyMemoryContent(compression.Compress(request)) };
        message.Content.Headers.ContentType = new MediaTypeHeaderValue("application/x-protobuf");
        if (compression.ToEncoding() is { } encoding)
        {
            message.Content.Headers.ContentEncoding.Add(encoding);
        }

        message.Headers.Add(KnownHeaders.Replay, mark.ToString());
        return await AnswerBody.AskAsync(http, message, (response, body) => Judge(response, body, mark), cancellationToken).ConfigureAwait(false);
    }

    private static ReplayAnswer Judge(HttpResponseMessage response, byte[] body, ReplayMark mark)
    {
        var status = string.Create(CultureInfo.InvariantCulture, $"http {(int)response.StatusCode}");
        if (!response.IsSuccessStatusCode)
        {
            return new ReplayAnswer(OutcomeOf(response.StatusCode), status, AnswerBody.MessageOf(body), RetryAfter: response.Headers.RetryAfter?.Delta);
        }

        return OtlpAnswer.TryReadPartialSuccess(body, out var rejected, out var reason)
            ? new ReplayAnswer(ReplayOutcome.Taken, status, reason, Math.Max(0, rejected), AnswerBody.SaysBack(response, mark))
            : new ReplayAnswer(ReplayOutcome.Refused, status, "the answer is no OTLP response: this may be a web page, not an OTLP endpoint");
    }

    // https://opentelemetry.io/docs/specs/otlp/#retryable-response-codes
    private static ReplayOutcome OutcomeOf(HttpStatusCode status) => status switch
    {
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => ReplayOutcome.NotAllowed,
        HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout => ReplayOutcome.Retry,
        _ => ReplayOutcome.Refused,
    };
}
