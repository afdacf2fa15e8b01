using System.Net;
using Google.Protobuf;
using StellaOps.Telemetry.OpAmp.Model;
using StellaOps.Telemetry.OpAmp.Server;
using StellaOps.Telemetry.Tests.Shared.OpAmp;
using static StellaOps.Telemetry.OpAmp.Tests.HttpExchange;

namespace StellaOps.Telemetry.OpAmp.Tests.Specification;

/// <summary>Sections "Bad Request", "Retrying Messages", "Throttling" and "ServerErrorResponse Message", the server's half.</summary>
public sealed class ErrorsTests : IAsyncLifetime
{
    private static readonly InstanceUid s_uid = TestAgents.Uid(1);

    private OpAmpHost _host = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _host = await OpAmpHost.StartAsync(o => (o.MaxConnections, o.RetryAfter) = (2, TimeSpan.FromSeconds(45)));

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    public static TheoryData<string> Malformed() => new()
    {
        "0A",
        "0A10FF",
        "FFFFFFFF",
        "1A05",
        Convert.ToHexString(Nested(150)),
        Convert.ToHexString(new AgentToServer { InstanceUid = ByteString.CopyFrom(new byte[15]) }.ToByteArray()),
    };

    [Theory]
    [MemberData(nameof(Malformed))]
    public async Task Malformed_OverWebSocket_IsABadRequestAndTheConnectionGoesOn(string hex)
    {
        using var client = await _host.OpenAsync(Token);

        await client.SendAsync(WireClient.Binary, [0, .. Convert.FromHexString(hex)], cancellationToken: Token);

        var error = (await client.ReadMessageAsync(Token)).ErrorResponse;
        Assert.Equal(ServerErrorResponseType.BadRequest, error.Type);
        Assert.NotEmpty(error.ErrorMessage);
        Assert.Null((await client.ExchangeAsync(TestAgents.Full(s_uid, 1), Token)).ErrorResponse);
        Assert.Single(_host.Server.Messages);
    }

    [Theory]
    [MemberData(nameof(Malformed))]
    public async Task Malformed_OverHttp_IsABadRequest(string hex)
    {
        using var response = await SendAsync(_host, Request(Convert.FromHexString(hex)));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(ServerErrorResponseType.BadRequest, (await AnswerAsync(response)).ErrorResponse.Type);
    }

    [Fact]
    public async Task Gzip_ThatIsNone_IsABadRequest()
    {
        using var request = Request([1, 2, 3]);
        request.Content!.Headers.ContentEncoding.Add("gzip");

        using var response = await SendAsync(_host, request);

        Assert.Equal(ServerErrorResponseType.BadRequest, (await AnswerAsync(response)).ErrorResponse.Type);
    }

    [Fact]
    public async Task SameMessage_Again_IsAnsweredAgain()
    {
        using var client = await _host.OpenAsync(Token);

        Assert.Equal(s_uid.ToByteString(), (await client.ExchangeAsync(TestAgents.Full(s_uid, 1), Token)).InstanceUid);
        Assert.Equal(s_uid.ToByteString(), (await client.ExchangeAsync(TestAgents.Full(s_uid, 1), Token)).InstanceUid);
    }

    [Fact]
    public async Task Unavailable_OverWebSocket_SaysHowLongInNanoseconds()
    {
        _host.Server.Intercept = (m, _) => ValueTask.FromResult<ServerToAgent?>(ServerAnswers.Unavailable(m.InstanceUid, "busy", TimeSpan.FromMilliseconds(1_500)));
        using var client = await _host.OpenAsync(Token);

        var error = (await client.ExchangeAsync(TestAgents.Full(s_uid, 1), Token)).ErrorResponse;

        Assert.Equal((ServerErrorResponseType.Unavailable, "busy", 1_500_000_000ul), (error.Type, error.ErrorMessage, error.RetryInfo.RetryAfterNanoseconds));
    }

    [Theory]
    [InlineData(1_500, "2")]
    [InlineData(30_000, "30")]
    [InlineData(0, "1")]
    public async Task Unavailable_OverHttp_Is503WithRetryAfter(int milliseconds, string header)
    {
        _host.Server.Intercept = (m, _) => ValueTask.FromResult<ServerToAgent?>(ServerAnswers.Unavailable(m.InstanceUid, "busy", TimeSpan.FromMilliseconds(milliseconds)));

        using var response = await SendAsync(_host, Request(TestAgents.Full(s_uid, 1).ToByteArray()));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal(header, Assert.Single(response.Headers.GetValues("Retry-After")));
        Assert.Equal(ServerErrorResponseType.Unavailable, (await AnswerAsync(response)).ErrorResponse.Type);
    }

    [Fact]
    public async Task Connections_AboveTheLimit_AreNotUpgraded()
    {
        using var first = await _host.OpenAsync(Token);
        using var second = await _host.OpenAsync(Token);
        await using var third = await _host.ConnectAsync(Token);
        await third.WriteAsync(WireClient.Handshake, Token);

        var answer = await new ExchangeReader(third, 1, isFromClient: false).NextAsync(Token);

        Assert.StartsWith("HTTP/1.1 503 ", answer!.Head(), StringComparison.Ordinal);
        Assert.Contains("Retry-After: 45", answer.Head(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Exception_OfTheServer_IsUnknownWithoutItsText()
    {
        _host.Server.Intercept = (_, _) => throw new InvalidOperationException("password=hunter2");
        using var client = await _host.OpenAsync(Token);

        var error = (await client.ExchangeAsync(TestAgents.Full(s_uid, 1), Token)).ErrorResponse;
        var overHttp = (await PostAsync(_host, TestAgents.Full(s_uid, 1))).ErrorResponse;

        Assert.Equal(ServerErrorResponseType.Unknown, error.Type);
        Assert.DoesNotContain("hunter2", error.ErrorMessage, StringComparison.Ordinal);
        Assert.Equal(error, overHttp);
    }

    /// <summary>A health within a health, and so on.</summary>
    private static byte[] Nested(int depth)
    {
        var health = new ComponentHealth();
        for (var i = 0; i < depth; i++)
        {
            health = new ComponentHealth { ComponentHealthMap = { ["a"] = health } };
        }

        return new AgentToServer { InstanceUid = s_uid.ToByteString(), Health = health }.ToByteArray();
    }
}
