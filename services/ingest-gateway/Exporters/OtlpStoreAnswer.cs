using System.Globalization;
using System.Net;
using System.Text;
using StellaOps.Telemetry.Otlp;

namespace StellaOps.Telemetry.IngestGateway.Exporters;

/// <summary>What a store's answer means: https://opentelemetry.io/docs/specs/otlp/#otlpgrpc-response and #otlphttp-response.</summary>
internal static class OtlpStoreAnswer
{
    private const int MaxMessageLength = 512;

    public static OtlpSendResult OfHttp(HttpResponseMessage response, ReadOnlySpan<byte> body, DateTimeOffset now)
    {
        var code = (int)response.StatusCode;
        if (response.IsSuccessStatusCode)
        {
            return Partial(body);
        }

        var outcome = code switch
        {
            413 => OtlpSendOutcome.TooLarge,
            408 or 425 or 429 or 500 or (>= 502 and not 505) => OtlpSendOutcome.Retryable,
            _ => OtlpSendOutcome.Rejected,
        };
        var message = Encoding.UTF8.GetString(body[..Math.Min(body.Length, MaxMessageLength)]);
        return new OtlpSendResult(outcome, "http_" + code.ToString(CultureInfo.InvariantCulture), message, RetryAfter(response, now), 0);
    }

    public static OtlpSendResult OfGrpc(HttpResponseMessage response, ReadOnlySpan<byte> body, DateTimeOffset now)
    {
        if (response.StatusCode != HttpStatusCode.OK)
        {
            return OfHttp(response, body, now);
        }

        if (!TryHeader(response, "grpc-status", out var status) || !int.TryParse(status, NumberStyles.None, CultureInfo.InvariantCulture, out var code))
        {
            return new OtlpSendResult(OtlpSendOutcome.Retryable, "no_status", "the answer has no grpc-status", null, 0);
        }

        if (code == 0)
        {
            return Partial(body.Length >= OtlpContent.GrpcPrefixLength && body[0] == 0 ? body[OtlpContent.GrpcPrefixLength..] : default);
        }

        _ = TryHeader(response, "grpc-message", out var text);
        text = Uri.UnescapeDataString(text.Length > MaxMessageLength ? text[..MaxMessageLength] : text);
        var delay = TryHeader(response, "grpc-status-details-bin", out var details) ? GrpcRetryInfo.DelayOf(details) : null;
        // RESOURCE_EXHAUSTED is retryable only with RetryInfo by the specification; stores send it without for plain rate limits as well,
        // and data is worth more than the attempt. It also means that the message is above the store's limit.
        var outcome = code switch
        {
            8 when delay is null && IsAboutSize(text) => OtlpSendOutcome.TooLarge,
            1 or 4 or 8 or 10 or 11 or 14 or 15 => OtlpSendOutcome.Retryable,
            _ => OtlpSendOutcome.Rejected,
        };
        // Codes end at 16; what a store makes up beyond becomes no label.
        var reason = code <= 16 ? "grpc_" + code.ToString(CultureInfo.InvariantCulture) : "grpc_unknown";
        return new OtlpSendResult(outcome, reason, text, delay, 0);
    }

    /// <summary>
    /// <c>grpc: received message larger than max (5000000 vs. 4194304)</c> (Go), <c>Received message exceeds the maximum configured message
    /// size</c> (.NET), <c>gRPC message exceeds maximum size 4194304: 5000000</c> (Java), <c>...too large</c> (Rust).
    /// </summary>
    private static bool IsAboutSize(string text) =>
        text.Contains("larger than max", StringComparison.OrdinalIgnoreCase)
        || text.Contains("exceeds the maximum", StringComparison.OrdinalIgnoreCase)
        || text.Contains("exceeds maximum size", StringComparison.OrdinalIgnoreCase)
        || text.Contains("too large", StringComparison.OrdinalIgnoreCase);

    private static OtlpSendResult Partial(ReadOnlySpan<byte> body)
    {
        // The store said yes: an answer that cannot be read to its end changes nothing in that, only in what it says of rejected records.
        OtlpAnswer.TryReadPartialSuccess(body, out var rejected, out var message);
        return new OtlpSendResult(OtlpSendOutcome.Accepted, rejected > 0 ? "partial" : "ok", message.Length == 0 ? null : message, null, Math.Max(0, rejected));
    }

    private static TimeSpan? RetryAfter(HttpResponseMessage response, DateTimeOffset now) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => date > now ? date - now : TimeSpan.Zero,
        _ => null,
    };

    private static bool TryHeader(HttpResponseMessage response, string name, out string value)
    {
        value = response.TrailingHeaders.TryGetValues(name, out var trailing) ? string.Concat(trailing)
            : response.Headers.TryGetValues(name, out var leading) ? string.Concat(leading) : "";
        return value.Length > 0;
    }
}
