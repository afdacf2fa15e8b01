using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.Otlp;
using StellaOps.Telemetry.Otlp.Wire;
using StellaOps.Telemetry.Profiles.Gateway;

namespace StellaOps.Telemetry.IngestGateway.Exporters;

/// <summary>Sends one Export request over gRPC (HTTP/2, by prior knowledge where there is no TLS) or HTTP/protobuf.</summary>
internal sealed class OtlpSender : IDisposable
{
    private const int MaxAnswerBytes = 64 * 1024;

    private readonly OtlpExporterSettings _settings;
    private readonly HttpClient _client;

    public OtlpSender(OtlpExporterSettings settings)
    {
        _settings = settings;
        // Without a propagator the handler makes no activities: exporting telemetry never produces telemetry.
        _client = new HttpClient(new SocketsHttpHandler { ActivityHeadersPropagator = null, UseProxy = false, AllowAutoRedirect = false })
        {
            Timeout = settings.Timeout,
            MaxResponseContentBufferSize = MaxAnswerBytes,
        };
    }

    public async Task<OtlpSendResult> SendAsync(TenantId tenant, Signal signal, ReadOnlyMemory<byte> request, CancellationToken cancellationToken)
    {
        using var message = _settings.Protocol == OtlpProtocol.Grpc ? Grpc(signal, request) : Http(signal, request);
        foreach (var (name, value) in _settings.Headers)
        {
            message.Headers.TryAddWithoutValidation(name, value);
        }

        if (_settings.TenantHeader is { } header)
        {
            message.Headers.Remove(header);
            message.Headers.TryAddWithoutValidation(header, tenant.Value);
        }

        try
        {
            using var response = await _client.SendAsync(message, cancellationToken);
            var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            return _settings.Protocol == OtlpProtocol.Grpc ? OfGrpc(response, body) : OfHttp(response, body);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new OtlpSendResult(OtlpSendOutcome.Retryable, "timeout", "no answer in time", null, 0);
        }
        catch (HttpRequestException e)
        {
            return new OtlpSendResult(OtlpSendOutcome.Retryable, "unreachable", e.Message, null, 0);
        }
    }

    public void Dispose() => _client.Dispose();

    private HttpRequestMessage Grpc(Signal signal, ReadOnlyMemory<byte> request)
    {
        var service = signal switch
        {
            Signal.Traces => "opentelemetry.proto.collector.trace.v1.TraceService",
            Signal.Metrics => "opentelemetry.proto.collector.metrics.v1.MetricsService",
            _ => "opentelemetry.proto.collector.logs.v1.LogsService",
        };
        var framed = new byte[5 + request.Length];
        BinaryPrimitives.WriteInt32BigEndian(framed.AsSpan(1), request.Length);
        request.CopyTo(framed.AsMemory(5));
        var message = new HttpRequestMessage(HttpMethod.Post, new Uri(_settings.Endpoint, $"/{service}/Export"))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(framed),
        };
        message.Content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        message.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        return message;
    }

    private HttpRequestMessage Http(Signal signal, ReadOnlyMemory<byte> request)
    {
        var root = _settings.Endpoint.AbsoluteUri;
        var message = new HttpRequestMessage(HttpMethod.Post, new Uri($"{root.TrimEnd('/')}/v1/{signal.ToName()}")) { Content = new ReadOnlyMemoryContent(request) };
        message.Content.Headers.ContentType = new MediaTypeHeaderValue("application/x-protobuf");
        return message;
    }

    private static OtlpSendResult OfHttp(HttpResponseMessage response, byte[] body)
    {
        var code = (int)response.StatusCode;
        if (response.IsSuccessStatusCode)
        {
            return Partial(body);
        }

        var reason = "http_" + code.ToString(CultureInfo.InvariantCulture);
        var isRetryable = code is 408 or 429 or >= 500;
        return new OtlpSendResult(isRetryable ? OtlpSendOutcome.Retryable : OtlpSendOutcome.Rejected, reason, Text(body), RetryAfter(response), 0);
    }

    private static OtlpSendResult OfGrpc(HttpResponseMessage response, byte[] body)
    {
        if (response.StatusCode != HttpStatusCode.OK)
        {
            return OfHttp(response, body);
        }

        if (!TryHeader(response, "grpc-status", out var status) || !int.TryParse(status, NumberStyles.None, CultureInfo.InvariantCulture, out var code))
        {
            return new OtlpSendResult(OtlpSendOutcome.Retryable, "no_status", "the answer has no grpc-status", null, 0);
        }

        if (code == 0)
        {
            return Partial(body.Length >= 5 ? body.AsSpan(5) : default);
        }

        _ = TryHeader(response, "grpc-message", out var text);
        var delay = TryHeader(response, "grpc-status-details-bin", out var details) ? RetryInfo(details) : null;
        // https://opentelemetry.io/docs/specs/otlp/#failures: RESOURCE_EXHAUSTED is retryable only with RetryInfo; stores send it without
        // for plain rate limits as well, and data is worth more than the attempt.
        var isRetryable = code is 1 or 4 or 8 or 10 or 11 or 14 or 15;
        return new OtlpSendResult(
            isRetryable ? OtlpSendOutcome.Retryable : OtlpSendOutcome.Rejected,
            "grpc_" + code.ToString(CultureInfo.InvariantCulture),
            Uri.UnescapeDataString(text),
            delay,
            0);
    }

    private static OtlpSendResult Partial(ReadOnlySpan<byte> body)
    {
        // The store said yes: an answer that cannot be read to its end changes nothing in that, only in what it says of rejected records.
        OtlpAnswer.TryReadPartialSuccess(body, out var rejected, out var message);
        return new OtlpSendResult(OtlpSendOutcome.Accepted, rejected > 0 ? "partial" : "ok", message.Length == 0 ? null : message, null, Math.Max(0, rejected));
    }

    private static TimeSpan? RetryAfter(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        _ => null,
    };

    /// <summary>google.rpc.Status { details = 3: Any { type_url = 1, value = 2: RetryInfo { retry_delay = 1: Duration { seconds = 1, nanos = 2 } } } }</summary>
    private static TimeSpan? RetryInfo(string details)
    {
        var padded = details.PadRight((details.Length + 3) / 4 * 4, '=');
        var bytes = new byte[padded.Length];
        if (!Convert.TryFromBase64String(padded, bytes, out var length))
        {
            return null;
        }

        var status = new WireReader(bytes.AsSpan(0, length));
        while (status.TryReadField())
        {
            if (status.FieldNumber != 3)
            {
                continue;
            }

            ReadOnlySpan<byte> value = default;
            var isRetryInfo = false;
            var any = new WireReader(status.Content);
            while (any.TryReadField())
            {
                if (any.FieldNumber == 1)
                {
                    isRetryInfo = any.Content.EndsWith("google.rpc.RetryInfo"u8);
                }
                else if (any.FieldNumber == 2)
                {
                    value = any.Content;
                }
            }

            var info = new WireReader(value);
            if (!isRetryInfo || !info.TryReadField() || info.FieldNumber != 1)
            {
                continue;
            }

            var delay = TimeSpan.Zero;
            var duration = new WireReader(info.Content);
            while (duration.TryReadField())
            {
                delay += duration.FieldNumber == 1
                    ? TimeSpan.FromSeconds(Math.Clamp((long)duration.Value, 0, 3600))
                    : TimeSpan.FromTicks(Math.Clamp((long)duration.Value, 0, 999_999_999) / 100);
            }

            return delay;
        }

        return null;
    }

    private static bool TryHeader(HttpResponseMessage response, string name, out string value)
    {
        value = response.TrailingHeaders.TryGetValues(name, out var trailing) ? string.Concat(trailing)
            : response.Headers.TryGetValues(name, out var leading) ? string.Concat(leading) : "";
        return value.Length > 0;
    }

    private static string Text(byte[] body) => Encoding.UTF8.GetString(body.AsSpan(0, Math.Min(body.Length, 512)));
}
