using System.Net;
using System.Net.Http.Headers;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.Profiles.Gateway;

namespace StellaOps.Telemetry.IngestGateway.Exporters;

/// <summary>Sends one Export request over gRPC (HTTP/2, by prior knowledge where there is no TLS) or HTTP/protobuf.</summary>
internal sealed class OtlpSender : IDisposable
{
    private const int MaxAnswerBytes = 64 * 1024;
    private static readonly MediaTypeHeaderValue s_grpcType = new("application/grpc");
    private static readonly MediaTypeHeaderValue s_protobufType = new("application/x-protobuf");

    private readonly OtlpExporterSettings _settings;
    private readonly TimeProvider _time;
    private readonly HttpClient _client;
    private readonly Uri _traces;
    private readonly Uri _metrics;
    private readonly Uri _logs;

    public OtlpSender(OtlpExporterSettings settings, TimeProvider time)
    {
        (_settings, _time) = (settings, time);
        (_traces, _metrics, _logs) = IsGrpc
            ? (Grpc("trace.v1.Trace"), Grpc("metrics.v1.Metrics"), Grpc("logs.v1.Logs"))
            : (Http(Signal.Traces), Http(Signal.Metrics), Http(Signal.Logs));
        // Without a propagator the handler makes no activities: exporting telemetry never produces telemetry.
        _client = new HttpClient(new SocketsHttpHandler { ActivityHeadersPropagator = null, UseProxy = false, AllowAutoRedirect = false })
        {
            Timeout = settings.Timeout,
            MaxResponseContentBufferSize = MaxAnswerBytes,
        };
    }

    private bool IsGrpc => _settings.Protocol == OtlpProtocol.Grpc;

    public async Task<OtlpSendResult> SendAsync(TenantId tenant, Signal signal, IReadOnlyList<ReadOnlyMemory<byte>> pieces, CancellationToken cancellationToken)
    {
        var length = 0;
        for (var i = 0; i < pieces.Count; i++)
        {
            length += pieces[i].Length;
        }

        using var message = new HttpRequestMessage(HttpMethod.Post, signal switch { Signal.Traces => _traces, Signal.Metrics => _metrics, _ => _logs })
        {
            Content = new OtlpContent(pieces, length, IsGrpc, isCompressed: false),
        };
        message.Content.Headers.ContentType = IsGrpc ? s_grpcType : s_protobufType;
        if (IsGrpc)
        {
            message.Version = HttpVersion.Version20;
            message.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
            message.Headers.TryAddWithoutValidation("te", "trailers");
        }

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
            var now = _time.GetUtcNow();
            return IsGrpc ? OtlpStoreAnswer.OfGrpc(response, body, now) : OtlpStoreAnswer.OfHttp(response, body, now);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new OtlpSendResult(OtlpSendOutcome.Retryable, "timeout", "no answer in time", null, 0);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return new OtlpSendResult(OtlpSendOutcome.Retryable, ReasonOf(e), e.Message, null, 0);
        }
    }

    public void Dispose() => _client.Dispose();

    private static string ReasonOf(Exception e) => (e as HttpRequestException)?.HttpRequestError switch
    {
        HttpRequestError.SecureConnectionError => "tls",
        HttpRequestError.NameResolutionError => "name",
        HttpRequestError.InvalidResponse or HttpRequestError.HttpProtocolError or HttpRequestError.ConfigurationLimitExceeded => "bad_answer",
        HttpRequestError.ResponseEnded => "broken_off",
        _ => "unreachable",
    };

    private Uri Grpc(string service) => new(_settings.Endpoint, $"/opentelemetry.proto.collector.{service}Service/Export");

    private Uri Http(Signal signal) => new($"{_settings.Endpoint.AbsoluteUri.TrimEnd('/')}/v1/{signal.ToName()}");
}
