using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using Google.Protobuf;
using StellaOps.Telemetry.OpAmp.Model;
using StellaOps.Telemetry.Tests.Shared.OpAmp;
using static StellaOps.Telemetry.OpAmp.Tests.HttpExchange;

namespace StellaOps.Telemetry.OpAmp.Tests.Specification;

/// <summary>Sections "Plain HTTP Transport" and "Plain HTTP Message Size Limits", the server's half.</summary>
public sealed class PlainHttpTransportTests : IAsyncLifetime
{
    private const int Limit = 50_000;

    private static readonly AgentToServer s_message = TestAgents.Full(TestAgents.Uid(1), 1);

    private OpAmpHost _host = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _host = await OpAmpHost.StartAsync(o => o.MaxMessageBytes = Limit);

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Post_Message_IsAnsweredWithAMessage()
    {
        var answer = await PostAsync(_host, s_message);

        Assert.Equal(s_message.InstanceUid, answer.InstanceUid);
        Assert.Equal(s_message, Assert.Single(_host.Server.Messages));
    }

    [Theory]
    [InlineData("application/x-protobuf")]
    [InlineData("Application/X-Protobuf")]
    [InlineData("application/x-protobuf; charset=binary")]
    public async Task Post_ContentTypeAsItMayBeSpelled_IsPlainHttp(string type)
    {
        using var request = Request(s_message.ToByteArray());
        request.Content!.Headers.ContentType = MediaTypeHeaderValue.Parse(type);

        using var response = await SendAsync(_host, request);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    /// <summary>Whatever is not plain HTTP has to be the start of a WebSocket.</summary>
    [Theory]
    [InlineData("POST", "application/json")]
    [InlineData("POST", null)]
    [InlineData("GET", null)]
    public async Task Request_NeitherTransport_IsToldToUpgrade(string method, string? type)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), Url);
        if (type is not null)
        {
            request.Content = new StringContent("{}", new MediaTypeHeaderValue(type));
        }

        using var response = await SendAsync(_host, request);

        Assert.Equal(HttpStatusCode.UpgradeRequired, response.StatusCode);
        Assert.Equal("websocket", response.Headers.Upgrade.Single().ToString());
    }

    [Fact]
    public async Task Post_Gzip_IsDecompressed()
    {
        using var request = Request(Gzipped(s_message.ToByteArray()));
        request.Content!.Headers.ContentEncoding.Add("gzip");

        using var response = await SendAsync(_host, request);

        Assert.Null((await AnswerAsync(response)).ErrorResponse);
        Assert.Equal(s_message, Assert.Single(_host.Server.Messages));
    }

    [Fact]
    public async Task Post_OtherEncoding_IsRefusedWithWhatIsTaken()
    {
        using var request = Request(s_message.ToByteArray());
        request.Content!.Headers.ContentEncoding.Add("br");

        using var response = await SendAsync(_host, request);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
        Assert.Equal("gzip", Assert.Single(response.Headers.GetValues("Accept-Encoding")));
    }

    [Theory]
    [InlineData("gzip", true)]
    [InlineData("br, gzip;q=0.5", true)]
    [InlineData("gzip;q=0", false)]
    [InlineData("br", false)]
    [InlineData(null, false)]
    public async Task Answer_LargeEnough_IsCompressedForWhomItMayBe(string? accepted, bool isCompressed)
    {
        _host.Server.Offer = ConfigHash.Offer(TestAgents.Files(new string('x', 10_000)));
        using var request = Request(s_message.ToByteArray());
        if (accepted is not null)
        {
            request.Headers.Add("Accept-Encoding", accepted);
        }

        using var response = await SendAsync(_host, request);

        var body = await response.Content.ReadAsByteArrayAsync(Token);
        Assert.Equal(isCompressed ? ["gzip"] : [], response.Content.Headers.ContentEncoding);
        Assert.Equal(_host.Server.Offer, ServerToAgent.Parser.ParseFrom(isCompressed ? Ungzipped(body) : body).RemoteConfig);
    }

    [Theory]
    [InlineData(1, null)]
    [InlineData(2, ServerErrorResponseType.BadRequest)]
    public async Task Header_InstanceUid_HasToNameTheSameAgent(int uid, ServerErrorResponseType? expected)
    {
        using var request = Request(s_message.ToByteArray());
        request.Headers.Add(KnownOpAmp.InstanceUidHeader, TestAgents.Uid(uid).ToString());

        using var response = await SendAsync(_host, request);

        Assert.Equal(expected, (await AnswerAsync(response)).ErrorResponse?.Type);
        Assert.Equal(expected is null ? 1 : 0, _host.Server.Messages.Count);
    }

    [Fact]
    public async Task Poll_WithNothingButTheUid_IsGivenWhatTheServerHas()
    {
        await PostAsync(_host, s_message);
        _host.Server.Offer = ConfigHash.Offer(TestAgents.Files("a: 1"));

        var answer = await PostAsync(_host, new AgentToServer { InstanceUid = s_message.InstanceUid });

        Assert.Equal(_host.Server.Offer, answer.RemoteConfig);
        Assert.Equal(0ul, answer.Flags);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Post_AboveTheLimitAsSent_IsTooLarge(bool isLengthSaid)
    {
        using var request = Request(new byte[Limit + 1]);
        request.Headers.TransferEncodingChunked = !isLengthSaid;

        using var response = await SendAsync(_host, request);

        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, true), (response.StatusCode, response.Headers.ConnectionClose));
    }

    [Fact]
    public async Task Post_AboveTheLimitOnceDecompressed_IsTooLarge()
    {
        using var request = Request(Gzipped(new byte[100 * Limit]));
        request.Content!.Headers.ContentEncoding.Add("gzip");

        using var response = await SendAsync(_host, request);

        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, true), (response.StatusCode, response.Headers.ConnectionClose));
        Assert.Empty(_host.Server.Messages);
    }

    [Fact]
    public async Task Answer_AboveTheLimit_IsNotSentButSaid()
    {
        _host.Server.Offer = ConfigHash.Offer(TestAgents.Files(new string('x', 2 * Limit)));

        var answer = await PostAsync(_host, s_message);

        Assert.Equal((ServerErrorResponseType.Unknown, (AgentRemoteConfig?)null), (answer.ErrorResponse.Type, answer.RemoteConfig));
    }

    private static byte[] Gzipped(byte[] bytes)
    {
        using var target = new MemoryStream();
        using (var gzip = new GZipStream(target, CompressionLevel.Optimal))
        {
            gzip.Write(bytes);
        }

        return target.ToArray();
    }

    private static byte[] Ungzipped(byte[] bytes)
    {
        using var plain = new MemoryStream();
        using var gzip = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress);
        gzip.CopyTo(plain);
        return plain.ToArray();
    }
}
