using System.Net;
using System.Net.Http.Headers;
using System.Text;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.IngestGateway.FunctionalTests.TestServices;
using StellaOps.Telemetry.IngestGateway.Pipeline;

namespace StellaOps.Telemetry.IngestGateway.FunctionalTests.Listeners;

/// <summary>Answers as https://opentelemetry.io/docs/specs/otlp/ and the gRPC protocol have them, looked at without a client library's help.</summary>
public sealed class SpecificationTests(GatewayFixture fixture) : IClassFixture<GatewayFixture>
{
    private const string Export = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";

    private readonly GatewayUnderTest _gateway = fixture.Gateway;

    [Theory]
    [InlineData("application/grpc", 200)]
    [InlineData("application/grpc+proto", 200)]
    [InlineData("application/grpc; charset=utf-8", 200)]
    [InlineData("application/grpc+json", 415)]
    [InlineData("application/grpc-web", 415)]
    [InlineData("application/grpcx", 415)]
    [InlineData("application/x-protobuf", 415)]
    public async Task Grpc_ContentType_IsGrpcsOrRefusedAsHttp(string media, int expected)
    {
        using var answer = await GrpcAsync(media, null, compressed: false);

        Assert.Equal(expected, (int)answer.StatusCode);
        if (expected == 200)
        {
            Assert.Equal("0", answer.TrailingHeaders.GetValues("grpc-status").Single());
            Assert.Equal(new byte[5], await answer.Content.ReadAsByteArrayAsync());
        }
    }

    [Theory]
    [InlineData(null, true, "13")]
    [InlineData("identity", true, "13")]
    [InlineData("gzip", false, "0")]
    [InlineData("zstd", false, "0")]
    [InlineData("gzip", true, "3")]
    [InlineData("br", true, "12")]
    public async Task Grpc_EncodingAndFlag_AreJudgedTogether(string? encoding, bool compressed, string expected)
    {
        using var answer = await GrpcAsync("application/grpc", encoding, compressed);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(expected, (answer.TrailingHeaders.TryGetValues("grpc-status", out var trailer) ? trailer : answer.Headers.GetValues("grpc-status")).Single());
        Assert.Equal(expected == "12", answer.Headers.Contains("grpc-accept-encoding"));
    }

    [Fact]
    public async Task Http_RetryableRefusal_TellsTheWaitInHeaderAndBody()
    {
        await using var gateway = await GatewayUnderTest.StartNewAsync();
        gateway.Log.Outcome = AppendOutcome.TenantShareExceeded;

        using var protobuf = await PostAsync(gateway, OtlpBytes.Request(Signal.Traces), "application/x-protobuf");
        using var json = await PostAsync(gateway, Encoding.UTF8.GetBytes("""{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"a"}]}]}]}"""), "application/json");

        Assert.Equal(HttpStatusCode.TooManyRequests, protobuf.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(5), protobuf.Headers.RetryAfter?.Delta);
        var body = await protobuf.Content.ReadAsByteArrayAsync();
        Assert.Equal([0x08, 8], body[..2]);
        Assert.Equal([0x12, 0x04, 0x0A, 0x02, 0x08, 5], body[^6..]);
        Assert.Equal(HttpStatusCode.TooManyRequests, json.StatusCode);
        Assert.Equal("application/json", json.Content.Headers.ContentType?.MediaType);
        Assert.Equal("""{"code":8,"message":"the tenant holds its share of the log"}""", await json.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Http_FinalRefusal_TellsNoWait()
    {
        using var answer = await PostAsync(_gateway, [0xFF], "application/x-protobuf");

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Null(answer.Headers.RetryAfter);
        Assert.DoesNotContain("RetryInfo", Encoding.Latin1.GetString(await answer.Content.ReadAsByteArrayAsync()), StringComparison.Ordinal);
    }

    private async Task<HttpResponseMessage> GrpcAsync(string media, string? encoding, bool compressed)
    {
        using var client = new HttpClient { DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(_gateway.GrpcUrl, Export)) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _gateway.Writer("acme"));
        var body = OtlpBytes.Request(Signal.Traces);
        request.Content = new ByteArrayContent([compressed ? (byte)1 : (byte)0, 0, 0, 0, (byte)body.Length, .. body]);
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(media);
        if (encoding is not null)
        {
            request.Headers.Add("grpc-encoding", encoding);
        }

        var answer = await client.SendAsync(request);
        await answer.Content.LoadIntoBufferAsync();
        return answer;
    }

    private static async Task<HttpResponseMessage> PostAsync(GatewayUnderTest gateway, byte[] body, string media)
    {
        using var client = gateway.Otlp(gateway.Writer("acme"));
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(media);
        return await client.PostAsync("/v1/traces", content);
    }
}
