using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Replays;
using StellaOps.Telemetry.Otlp;

namespace StellaOps.Telemetry.Replay.Sending;

/// <summary>OTLP/gRPC by hand, as docs/decisions/0001-grpc-by-hand.md has it: one unary call (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md).</summary>
/// <param name="http">Carries the credentials; stays the caller's.</param>
public sealed class GrpcReplaySender(HttpClient http, Uri endpoint, ReplayCompression compression) : IReplaySender
{
    private const int PrefixLength = 5;

    /// <inheritdoc/>
    public async Task<ReplayAnswer> SendAsync(Signal signal, ReadOnlyMemory<byte> request, ReplayMark mark, CancellationToken cancellationToken)
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, new Uri(endpoint, OtlpRoute.Grpc(signal)))
        {
            // Without TLS there is nothing to agree on the version by: HTTP/2 is spoken from the first byte.
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(Frame(compression.Compress(request).Span)),
        };
        message.Content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        message.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        if (compression.ToEncoding() is { } encoding)
        {
            message.Headers.Add("grpc-encoding", encoding);
        }

        message.Headers.Add(KnownHeaders.Replay, mark.ToString());
        return await AnswerBody.AskAsync(http, message, (response, body) => Judge(response, body, mark), cancellationToken).ConfigureAwait(false);
    }

    private byte[] Frame(ReadOnlySpan<byte> content)
    {
        var frame = new byte[PrefixLength + content.Length];
        frame[0] = compression == ReplayCompression.None ? (byte)0 : (byte)1;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), content.Length);
        content.CopyTo(frame.AsSpan(PrefixLength));
        return frame;
    }

    private static ReplayAnswer Judge(HttpResponseMessage response, byte[] body, ReplayMark mark)
    {
        if (!AnswerBody.TryHeader(response, "grpc-status", out var text) || !int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var code))
        {
            // From a proxy, or no gRPC server: https://github.com/grpc/grpc/blob/master/doc/http-grpc-status-mapping.md
            var status = (int)response.StatusCode;
            return new ReplayAnswer(
                status switch { 401 or 403 => ReplayOutcome.NotAllowed, 429 or 502 or 503 or 504 => ReplayOutcome.Retry, _ => ReplayOutcome.Refused },
                string.Create(CultureInfo.InvariantCulture, $"http {status}"),
                "the answer has no grpc-status: this may be no OTLP/gRPC endpoint");
        }

        var says = string.Create(CultureInfo.InvariantCulture, $"grpc {code}");
        if (code != 0)
        {
            _ = AnswerBody.TryHeader(response, "grpc-message", out var reason);
            return new ReplayAnswer(OutcomeOf(code), says, Uri.UnescapeDataString(reason));
        }

        var answer = body.Length >= PrefixLength && body[0] == 0 ? body.AsSpan(PrefixLength) : default;
        return OtlpAnswer.TryReadPartialSuccess(answer, out var rejected, out var why)
            ? new ReplayAnswer(ReplayOutcome.Taken, says, why, Math.Max(0, rejected), AnswerBody.SaysBack(response, mark))
            : new ReplayAnswer(ReplayOutcome.Refused, says, "the answer is no OTLP response");
    }

    // https://opentelemetry.io/docs/specs/otlp/#failures; RESOURCE_EXHAUSTED as stores use it: for rate limits, often without RetryInfo.
    private static ReplayOutcome OutcomeOf(int code) => code switch
    {
        7 or 16 => ReplayOutcome.NotAllowed,
        1 or 4 or 8 or 10 or 11 or 14 or 15 => ReplayOutcome.Retry,
        _ => ReplayOutcome.Refused,
    };
}
