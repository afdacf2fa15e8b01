using System.Net;
using System.Net.Http.Headers;
using Google.Protobuf;
using Microsoft.Extensions.Logging;
using StellaOps.Telemetry.OpAmp.Model;
using StellaOps.Telemetry.OpAmp.Wire;

namespace StellaOps.Telemetry.OpAmp.Client;

/// <summary>Plain HTTP: one request after another, at once when there is news, else at the polling interval.</summary>
internal sealed partial class HttpAgentSession(OpAmpAgentOptions options, HttpMessageInvoker http, AgentReporter reporter, ServerMessages messages, Action onConnected, TimeProvider time, ILogger logger) : IAgentSession
{
    public async Task<SessionEnd> RunAsync(CancellationToken cancellationToken)
    {
        var wasConnected = false;
        try
        {
            while (true)
            {
                if (await ExchangeAsync(reporter.Next(), options.AnswerTimeout, cancellationToken).ConfigureAwait(false) is { } end)
                {
                    return end with { WasConnected = end.WasConnected || wasConnected };
                }

                if (!wasConnected)
                {
                    wasConnected = true;
                    onConnected();
                }

                await reporter.WaitAsync(messages.HeartbeatInterval, time, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            if (wasConnected)
            {
                // The last message may be late, but it must not hold up a stop.
                await ExchangeAsync(reporter.Farewell(), options.FarewellTimeout, CancellationToken.None).ConfigureAwait(false);
            }

            return new SessionEnd("stopped", wasConnected);
        }
    }

    /// <summary>Null: it was answered.</summary>
    private async Task<SessionEnd?> ExchangeAsync(AgentToServer message, TimeSpan within, CancellationToken cancellationToken)
    {
        if (message.CalculateSize() is var size && size > options.MaxMessageBytes)
        {
            LogTooLarge(logger, size, options.MaxMessageBytes);
            return null;
        }

        using var timeout = new CancellationTokenSource(within, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            using var request = RequestOf(message);
            using var response = await http.SendAsync(request, both.Token).ConfigureAwait(false);
            if (response.StatusCode != HttpStatusCode.OK)
            {
                return Refused(response);
            }

            var isGzip = response.Content.Headers.ContentEncoding.Contains("gzip");
            var body = await response.Content.ReadAsStreamAsync(both.Token).ConfigureAwait(false);
            var answer = await BodyReader.ReadAsync(body, isGzip, options.MaxMessageBytes, Parsers.FromServer, both.Token).ConfigureAwait(false);
            return await messages.TakeAsync(answer, both.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new SessionEnd($"no answer within {within.TotalSeconds:0.#} s", WasConnected: false);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or InvalidDataException or InvalidProtocolBufferException)
        {
            return new SessionEnd(e.Message, WasConnected: false);
        }
    }

    private HttpRequestMessage RequestOf(AgentToServer message)
    {
        var bytes = message.ToByteArray();
        var isCompressed = options.Compress && bytes.Length >= Gzip.WorthFrom;
        var content = new ByteArrayContent(isCompressed ? Gzip.Compress(bytes) : bytes);
        content.Headers.ContentType = new MediaTypeHeaderValue(KnownOpAmp.ContentType);
        if (isCompressed)
        {
            content.Headers.ContentEncoding.Add("gzip");
        }

        var request = new HttpRequestMessage(HttpMethod.Post, options.Endpoint) { Content = content };
        request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("gzip"));
        request.Headers.Add(KnownOpAmp.InstanceUidHeader, InstanceUid.TryFrom(message.InstanceUid, out var uid) ? uid.ToString() : "");
        return request;
    }

    private SessionEnd Refused(HttpResponseMessage response) => new(
        $"the server answers {(int)response.StatusCode}",
        WasConnected: false,
        response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable,
        RetryAfter.Of(response.Headers.RetryAfter, time));

    [LoggerMessage(OpAmpClientEventIds.MessageTooLarge, LogLevel.Error, "a message of {Bytes} bytes is above the limit of {Limit} and was not sent to the OpAMP server")]
    private static partial void LogTooLarge(ILogger logger, int bytes, int limit);
}
