using System.Net;
using System.Net.Http.Headers;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.Egress;
using StellaOps.Telemetry.Profiles.Gateway;

namespace StellaOps.Telemetry.IngestGateway.Exporters;

/// <summary>Sends one Export request over gRPC (HTTP/2, by prior knowledge where there is no TLS) or HTTP/protobuf.</summary>
internal sealed class OtlpSender : IDisposable
{
    private const int MaxMessageLength = 512;

    /// <summary>What is not allowed today is not allowed in a second.</summary>
    private static readonly TimeSpan s_deniedDelay = TimeSpan.FromSeconds(30);
    private static readonly MediaTypeHeaderValue s_grpcType = new("application/grpc");
    private static readonly MediaTypeHeaderValue s_protobufType = new("application/x-protobuf");

    private readonly OtlpExporterSettings _settings;
    private readonly TimeProvider _time;
    private readonly StoreConnection _connection;
    private readonly RequestCompressor _compressor;
    private readonly Uri _traces;
    private readonly Uri _metrics;
    private readonly Uri _logs;

    public OtlpSender(OtlpExporterSettings settings, EgressDialer dialer, TimeProvider time, ILogger logger)
    {
        (_settings, _time) = (settings, time);
        (_traces, _metrics, _logs) = IsGrpc
            ? (Grpc("trace.v1.Trace"), Grpc("metrics.v1.Metrics"), Grpc("logs.v1.Logs"))
            : (Http(Signal.Traces), Http(Signal.Metrics), Http(Signal.Logs));
        _connection = new StoreConnection(settings, dialer, time, logger);
        _compressor = new RequestCompressor(settings.Compression, settings.Consumers);
    }

    private bool IsGrpc => _settings.Protocol == OtlpProtocol.Grpc;

    public async Task<OtlpSendResult> SendAsync(TenantId tenant, Signal signal, IReadOnlyList<ReadOnlyMemory<byte>> pieces, CancellationToken cancellationToken)
    {
        if (_compressor.Encoding is null)
        {
            return await SendAsync(tenant, signal, pieces, isCompressed: false, cancellationToken);
        }

        // Off the exporter's own loop, which has other requests to fill meanwhile.
        var compressed = await Task.Run(() => _compressor.Compress(pieces), cancellationToken);
        var result = await SendAsync(tenant, signal, [compressed.GetBuffer().AsMemory(0, (int)compressed.Length)], isCompressed: true, cancellationToken);
        _compressor.Return(compressed);
        return result;
    }

    public void Dispose() => _connection.Dispose();

    private async Task<OtlpSendResult> SendAsync(
        TenantId tenant, Signal signal, IReadOnlyList<ReadOnlyMemory<byte>> pieces, bool isCompressed, CancellationToken cancellationToken)
    {
        StoreClient client;
        try
        {
            client = _connection.Enter();
        }
        catch (IOException e)
        {
            return new OtlpSendResult(OtlpSendOutcome.Retryable, "credentials", e.Message, null, 0);
        }

        try
        {
            using var message = Message(client, tenant, signal, pieces, isCompressed);
            using var response = await client.Http.SendAsync(message, cancellationToken);
            var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            var now = _time.GetUtcNow();
            return IsGrpc ? OtlpStoreAnswer.OfGrpc(response, body, now) : OtlpStoreAnswer.OfHttp(response, body, now);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            _connection.Abandon(client);
            return new OtlpSendResult(OtlpSendOutcome.Retryable, "timeout", "no answer in time", null, 0);
        }
        catch (Exception e) when (EgressDeniedException.In(e) is { } denied)
        {
            return new OtlpSendResult(OtlpSendOutcome.Retryable, "egress_denied", denied.Message, s_deniedDelay, 0);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return new OtlpSendResult(OtlpSendOutcome.Retryable, ReasonOf(e), e.Message.Length > MaxMessageLength ? e.Message[..MaxMessageLength] : e.Message, null, 0);
        }
        finally
        {
            client.Leave();
        }
    }

    private HttpRequestMessage Message(StoreClient client, TenantId tenant, Signal signal, IReadOnlyList<ReadOnlyMemory<byte>> pieces, bool isCompressed)
    {
        var length = 0;
        for (var i = 0; i < pieces.Count; i++)
        {
            length += pieces[i].Length;
        }

        var message = new HttpRequestMessage(HttpMethod.Post, signal switch { Signal.Traces => _traces, Signal.Metrics => _metrics, _ => _logs })
        {
            Content = new OtlpContent(pieces, length, IsGrpc, isCompressed),
        };
        message.Content.Headers.ContentType = IsGrpc ? s_grpcType : s_protobufType;
        if (IsGrpc)
        {
            message.Version = HttpVersion.Version20;
            message.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
            message.Headers.TryAddWithoutValidation("te", "trailers");
        }

        if (_settings.Tls.ServerNameOverride is { } serverName)
        {
            // The handler asks the certificate for the name in here, and the store routes by it: as in gRPC, both are overridden.
            message.Headers.Host = serverName;
        }

        if (isCompressed && IsGrpc)
        {
            message.Headers.TryAddWithoutValidation("grpc-encoding", _compressor.Encoding);
        }
        else if (isCompressed)
        {
            message.Content.Headers.TryAddWithoutValidation("Content-Encoding", _compressor.Encoding);
        }

        foreach (var (name, value) in _settings.Headers)
        {
            message.Headers.TryAddWithoutValidation(name, value);
        }

        foreach (var (name, value) in client.Credentials.Headers)
        {
            message.Headers.TryAddWithoutValidation(name, value);
        }

        if (_settings.TenantHeader is { } header)
        {
            // A header of the profile never speaks for a tenant.
            message.Headers.Remove(header);
            message.Headers.TryAddWithoutValidation(header, tenant.Value);
        }

        return message;
    }

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
