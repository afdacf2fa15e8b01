using System.Net;
using System.Net.Http.Headers;
using OpenTelemetry.Proto.Collector.Logs.V1;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.IngestGateway.FunctionalTests.TestServices;
using StellaOps.Telemetry.IngestGateway.Pipeline;

namespace StellaOps.Telemetry.IngestGateway.FunctionalTests.Listeners;

public sealed class HttpListenerTests(GatewayFixture fixture) : IClassFixture<GatewayFixture>
{
    private readonly GatewayUnderTest _gateway = fixture.Gateway;

    [Theory]
    [InlineData(Signal.Traces, "identity")]
    [InlineData(Signal.Metrics, "gzip")]
    [InlineData(Signal.Logs, "zstd")]
    public async Task Post_Protobuf_IsLoggedByteForByte(Signal signal, string encoding)
    {
        var tenant = await TenantAsync();
        var request = OtlpBytes.Request(signal, records: 2);

        using var answer = await PostAsync(tenant, "/v1/" + signal.ToName(), Compressed.With(encoding, request), "application/x-protobuf", encoding);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("application/x-protobuf", answer.Content.Headers.ContentType?.MediaType);
        Assert.Empty(await answer.Content.ReadAsByteArrayAsync());
        Assert.Equal(request, Assert.Single(_gateway.Log.Batches, b => b.Tenant == tenant).Payload);
    }

    [Fact]
    public async Task Post_Json_IsLoggedAsProtobufAndAnsweredAsJson()
    {
        var tenant = await TenantAsync();
        var json = """
            {"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"web"}}]},
             "scopeLogs":[{"logRecords":[{"timeUnixNano":"1700000000000000000","body":{"stringValue":"hello"},"traceId":"0102030405060708090a0b0c0d0e0f10"}]}]}]}
            """u8.ToArray();

        using var answer = await PostAsync(tenant, "/v1/logs", Compressed.With("gzip", json), "application/json", "gzip");

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("application/json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal("{}", await answer.Content.ReadAsStringAsync());
        var logged = ExportLogsServiceRequest.Parser.ParseFrom(Assert.Single(_gateway.Log.Batches, b => b.Tenant == tenant).Payload);
        var record = logged.ResourceLogs[0].ScopeLogs[0].LogRecords[0];
        Assert.Equal("hello", record.Body.StringValue);
        Assert.Equal(1_700_000_000_000_000_000ul, record.TimeUnixNano);
        Assert.Equal(16, record.TraceId.Length);
    }

    [Theory]
    [InlineData("identity")]
    [InlineData("gzip")]
    [InlineData("zstd")]
    public async Task Post_EmptyBody_IsAnEmptyRequest(string encoding)
    {
        var tenant = await TenantAsync();

        using var answer = await PostAsync(tenant, "/v1/traces", [], "application/x-protobuf", encoding);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.DoesNotContain(_gateway.Log.Batches, b => b.Tenant == tenant);
    }

    [Fact]
    public async Task Post_Chunked_IsTaken()
    {
        var tenant = await TenantAsync();
        var request = OtlpBytes.Request(Signal.Logs, records: 50, padding: 500);
        using var client = _gateway.Otlp(_gateway.Writer(tenant));
        client.DefaultRequestHeaders.TransferEncodingChunked = true;
        using var content = new ByteArrayContent(request);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-protobuf");

        using var answer = await client.PostAsync("/v1/logs", content);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(request, Assert.Single(_gateway.Log.Batches, b => b.Tenant == tenant).Payload);
    }

    [Fact]
    public async Task Post_WrongPathMethodOrMedia_HasItsAnswer()
    {
        using var path = await PostAsync("acme", "/v1/profiles", [], "application/x-protobuf");
        Assert.Equal(HttpStatusCode.NotFound, path.StatusCode);
        using var media = await PostAsync("acme", "/v1/traces", [1], "text/plain");
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, media.StatusCode);
        using var encoding = await PostAsync("acme", "/v1/traces", [1], "application/x-protobuf", "br");
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, encoding.StatusCode);
        using var client = _gateway.Otlp(_gateway.Writer("acme"));
        using var method = await client.GetAsync("/v1/traces");
        Assert.Equal(HttpStatusCode.MethodNotAllowed, method.StatusCode);
        Assert.Equal(["POST"], method.Content.Headers.Allow);
    }

    [Fact]
    public async Task Post_Refused_AnswersInTheRequestsType()
    {
        using var protobuf = await PostAsync("acme", "/v1/traces", [0xFF], "application/x-protobuf");
        Assert.Equal(HttpStatusCode.BadRequest, protobuf.StatusCode);
        Assert.Equal("application/x-protobuf", protobuf.Content.Headers.ContentType?.MediaType);
        Assert.Equal([0x08, 3, 0x12], (await protobuf.Content.ReadAsByteArrayAsync())[..3]);

        using var json = await PostAsync("acme", "/v1/traces", "{"u8.ToArray(), "application/json; charset=utf-8");
        Assert.Equal(HttpStatusCode.BadRequest, json.StatusCode);
        Assert.Equal("""{"code":3,"message":"the body is not a valid OTLP request"}""", await json.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData(AppendOutcome.TenantShareExceeded, HttpStatusCode.TooManyRequests)]
    [InlineData(AppendOutcome.LogFull, HttpStatusCode.ServiceUnavailable)]
    internal async Task Post_LogRefuses_IsRetryable(AppendOutcome outcome, HttpStatusCode expected)
    {
        await using var gateway = await GatewayUnderTest.StartNewAsync();
        gateway.Log.Outcome = outcome;
        using var client = gateway.Otlp(gateway.Writer("acme"));
        using var content = new ByteArrayContent(OtlpBytes.Request(Signal.Traces));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-protobuf");

        using var answer = await client.PostAsync("/v1/traces", content);

        Assert.Equal(expected, answer.StatusCode);
        Assert.True(answer.Headers.RetryAfter?.Delta > TimeSpan.Zero);
    }

    [Fact]
    public async Task Ports_EachAnswersItsOwnProtocolAlone()
    {
        using var otlp = _gateway.Otlp();
        foreach (var path in new[] { "/health", "/metrics", "/api/v1/gateways/self", "/openapi/v1.json" })
        {
            using var answer = await otlp.GetAsync(path);
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        }

        using var api = _gateway.Api(_gateway.Writer("acme"));
        using var content = new ByteArrayContent([]);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-protobuf");
        using var onApi = await api.PostAsync("/v1/traces", content);
        Assert.Equal(HttpStatusCode.NotFound, onApi.StatusCode);
    }

    private async Task<HttpResponseMessage> PostAsync(string tenant, string path, byte[] body, string media, string encoding = "identity")
    {
        using var client = _gateway.Otlp(_gateway.Writer(tenant));
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(media);
        if (encoding != "identity")
        {
            content.Headers.ContentEncoding.Add(encoding);
        }

        return await client.PostAsync(path, content);
    }

    private async Task<string> TenantAsync()
    {
        var tenant = "t-" + Guid.NewGuid().ToString("n")[..8];
        await _gateway.KnowTenantAsync(tenant);
        return tenant;
    }
}
