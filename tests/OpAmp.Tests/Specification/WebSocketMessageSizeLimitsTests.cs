using Google.Protobuf;
using StellaOps.Telemetry.OpAmp.Model;
using StellaOps.Telemetry.Tests.Shared.OpAmp;

namespace StellaOps.Telemetry.OpAmp.Tests.Specification;

/// <summary>Section "WebSocket Message Size Limits", the server's half.</summary>
public sealed class WebSocketMessageSizeLimitsTests : IAsyncLifetime
{
    private const int Limit = 4_096;

    private OpAmpHost _host = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _host = await OpAmpHost.StartAsync(o => o.MaxMessageBytes = Limit);

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    /// <summary>Header included.</summary>
    [Fact]
    public async Task Received_OfTheLimit_IsRead()
    {
        using var client = await _host.OpenAsync(Token);

        Assert.Null((await client.ExchangeAsync(OfBytes(Limit - 1), Token)).ErrorResponse);
    }

    [Theory]
    [InlineData(Limit)]
    [InlineData(10 * Limit)]
    public async Task Received_AboveTheLimit_ClosesWithMessageTooBig(int bytes)
    {
        using var client = await _host.OpenAsync(Token);

        await client.SendAsync(OfBytes(bytes), Token);

        var close = await client.ReadAsync(Token);
        Assert.Equal((WireClient.Close, 1009), (close!.Opcode, close.CloseStatus));
        Assert.Empty(_host.Server.Messages);
    }

    /// <summary>The limit holds while it is read: nobody waits for the end, nor believes the length that a frame claims.</summary>
    [Fact]
    public async Task Received_FragmentsWithoutEnd_CloseWithMessageTooBig()
    {
        using var client = await _host.OpenAsync(Token);

        await client.SendAsync(WireClient.Binary, new byte[1_000], isFinal: false, Token);
        for (var i = 0; i < 10; i++)
        {
            await client.SendAsync(0, new byte[1_000], isFinal: false, Token);
        }

        Assert.Equal(1009, (await client.ReadAsync(Token))!.CloseStatus);
    }

    [Fact]
    public async Task Answer_AboveTheLimit_IsNotSentButSaid()
    {
        _host.Server.Offer = ConfigHash.Offer(TestAgents.Files(new string('x', 2 * Limit)));
        using var client = await _host.OpenAsync(Token);

        var answer = await client.ExchangeAsync(TestAgents.Full(TestAgents.Uid(1), 1), Token);

        Assert.Equal(ServerErrorResponseType.Unknown, answer.ErrorResponse.Type);
        Assert.Contains("above the limit of 4096", answer.ErrorResponse.ErrorMessage, StringComparison.Ordinal);
        Assert.Null(answer.RemoteConfig);
    }

    /// <summary>A server may say more than it takes.</summary>
    [Fact]
    public async Task Answer_AboveWhatAgentsMaySend_IsSentUpToItsOwnLimit()
    {
        await using var host = await OpAmpHost.StartAsync(o => (o.MaxMessageBytes, o.MaxSentBytes) = (Limit, 4 * Limit));
        host.Server.Offer = ConfigHash.Offer(TestAgents.Files(new string('x', 2 * Limit)));
        using var client = await host.OpenAsync(Token);

        var answer = await client.ExchangeAsync(TestAgents.Full(TestAgents.Uid(1), 1), Token);

        Assert.Equal(2 * Limit, answer.RemoteConfig.Config.ConfigMap[""].Body.Length);
        await client.SendAsync(OfBytes(Limit), Token);
        Assert.Equal(1009, (await client.ReadAsync(Token))!.CloseStatus);
    }

    [Fact]
    public async Task Push_AboveTheLimit_IsNotSent()
    {
        using var client = await _host.OpenAsync(Token);
        await client.ExchangeAsync(TestAgents.Full(TestAgents.Uid(1), 1), Token);

        var wasSent = await _host.Server.PushAsync(TestAgents.Uid(1), new ServerToAgent { RemoteConfig = ConfigHash.Offer(TestAgents.Files(new string('x', 2 * Limit))) }, Token);

        Assert.False(wasSent);
        Assert.Null((await client.ExchangeAsync(TestAgents.Bare(TestAgents.Uid(1), 2), Token)).RemoteConfig);
    }

    /// <summary>A message of so many bytes, without the header.</summary>
    private static AgentToServer OfBytes(int bytes)
    {
        var message = TestAgents.Full(TestAgents.Uid(1), 1);
        message.CustomMessage = new CustomMessage { Data = ByteString.CopyFrom(new byte[bytes]) };
        message.CustomMessage.Data = ByteString.CopyFrom(new byte[bytes - (message.CalculateSize() - bytes)]);
        Assert.Equal(bytes, message.CalculateSize());
        return message;
    }
}
