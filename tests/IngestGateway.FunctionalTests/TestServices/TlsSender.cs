using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace StellaOps.Telemetry.IngestGateway.FunctionalTests.TestServices;

/// <summary>Sends OTLP over TLS with a certificate, a token, both or neither, over both protocols. Each sender is a connection of its own.</summary>
internal sealed class TlsSender : IDisposable
{
    private readonly HttpClient _client;
    private readonly string? _token;

    public TlsSender(X509Certificate2? certificate, string? token = null, SslProtocols protocols = SslProtocols.None)
    {
        _token = token;
        _client = new HttpClient(new SocketsHttpHandler
        {
            PooledConnectionLifetime = Timeout.InfiniteTimeSpan,
            SslOptions = new SslClientAuthenticationOptions
            {
                EnabledSslProtocols = protocols,
                ClientCertificates = certificate is null ? [] : [certificate],
                LocalCertificateSelectionCallback = certificate is null ? null : (_, _, _, _, _) => certificate,
                RemoteCertificateValidationCallback = (_, served, _, _) =>
                {
                    Served = served?.GetCertHashString();
                    return true;
                },
            },
        })
        { Timeout = TimeSpan.FromSeconds(20) };
    }

    /// <summary>Hash of the certificate that the gateway showed last.</summary>
    public string? Served { get; private set; }

    public string Answered { get; private set; } = "";

    public TimeSpan? RetryAfter { get; private set; }

    /// <summary>OTLP/HTTP; the status.</summary>
    public Task<HttpStatusCode> PostAsync(Uri url, byte[] body, params (string Key, string Value)[] headers) =>
        PostAsync(new Uri(url, "/v1/traces"), body, "application/x-protobuf", headers);

    /// <summary>The same with another path or media type.</summary>
    public async Task<HttpStatusCode> PostAsync(Uri url, byte[] body, string media, (string Key, string Value)[] headers)
    {
        using var answer = await SendAsync(url, body, media, HttpVersion.Version11, headers);
        Answered = System.Text.Encoding.UTF8.GetString(await answer.Content.ReadAsByteArrayAsync());
        RetryAfter = answer.Headers.RetryAfter?.Delta;
        return answer.StatusCode;
    }

    /// <summary>OTLP/gRPC; its status.</summary>
    public async Task<int> CallAsync(Uri url, byte[] body, params (string Key, string Value)[] headers)
    {
        byte[] message = [0, (byte)(body.Length >> 24), (byte)(body.Length >> 16), (byte)(body.Length >> 8), (byte)body.Length, .. body];
        using var answer = await SendAsync(
            new Uri(url, "/opentelemetry.proto.collector.trace.v1.TraceService/Export"), message, "application/grpc", HttpVersion.Version20, headers);
        await answer.Content.ReadAsByteArrayAsync();
        var status = answer.TrailingHeaders.TryGetValues("grpc-status", out var trailer) ? trailer
            : answer.Headers.TryGetValues("grpc-status", out var header) ? header
            : ["13"];
        return int.Parse(status.Single(), System.Globalization.CultureInfo.InvariantCulture);
    }

    public void Dispose() => _client.Dispose();

    private async Task<HttpResponseMessage> SendAsync(Uri url, byte[] body, string media, Version version, (string Key, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Version = version, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        request.Content = new ByteArrayContent(body);
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(media);
        if (_token is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _token);
        }

        if (media == "application/grpc")
        {
            request.Headers.TE.ParseAdd("trailers");
        }

        foreach (var (key, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(key, value);
        }

        return await _client.SendAsync(request);
    }
}
