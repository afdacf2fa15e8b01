using Google.Protobuf;
using StellaOps.Telemetry.OpAmp.Model;
using StellaOps.Telemetry.Tests.Shared.OpAmp;

namespace StellaOps.Telemetry.OpAmp.Tests.Specification;

/// <summary>Section "WebSocket Message Format".</summary>
public sealed class WebSocketMessageFormatTests : IAsyncLifetime
{
    private static readonly AgentToServer s_message = TestAgents.Full(TestAgents.Uid(1), 1);

    private OpAmpHost _host = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _host = await OpAmpHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Theory]
    [InlineData("00")]
    [InlineData("8000")]
    [InlineData("80808080808080808000")]
    public async Task Header_Zero_InAnyLength_IsRead(string header)
    {
        using var client = await _host.OpenAsync(Token);

        await client.SendAsync(WireClient.Binary, [.. Convert.FromHexString(header), .. s_message.ToByteArray()], cancellationToken: Token);

        Assert.Null((await client.ReadMessageAsync(Token)).ErrorResponse);
        Assert.Equal(s_message, Assert.Single(_host.Server.Messages));
    }

    [Fact]
    public async Task Answer_BeginsWithHeaderZeroInOneByte()
    {
        using var client = await _host.OpenAsync(Token);

        await client.SendAsync(s_message, Token);

        var frame = await client.ReadAsync(Token);
        Assert.Equal(0, frame!.Payload[0]);
        Assert.Equal(s_message.InstanceUid, ServerToAgent.Parser.ParseFrom(frame.Payload.AsSpan(1)).InstanceUid);
    }

    /// <summary>Clients from before the header send the message itself, and its first byte is read as the header.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("01")]
    [InlineData("80808080808080808002")]
    [InlineData("80")]
    public async Task Header_OtherThanZeroOrNone_IsMalformed(string header)
    {
        using var client = await _host.OpenAsync(Token);
        byte[] rest = header == "80" ? [] : s_message.ToByteArray();

        await client.SendAsync(WireClient.Binary, [.. Convert.FromHexString(header), .. rest], cancellationToken: Token);

        var answer = await client.ReadMessageAsync(Token);
        Assert.Equal(ServerErrorResponseType.BadRequest, answer.ErrorResponse.Type);
        Assert.Contains("begin it with the byte 0", answer.ErrorResponse.ErrorMessage, StringComparison.Ordinal);
        Assert.Empty(_host.Server.Messages);
    }

    /// <summary>Decoded it is valid; the uid that it lacks is another section's matter.</summary>
    [Fact]
    public async Task Data_OfZeroBytes_IsAnEmptyMessage()
    {
        using var client = await _host.OpenAsync(Token);

        await client.SendAsync(WireClient.Binary, [0], cancellationToken: Token);

        Assert.Contains("instance_uid has 0 bytes", (await client.ReadMessageAsync(Token)).ErrorResponse.ErrorMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Message_InFragmentsWithPingsBetween_IsOne()
    {
        using var client = await _host.OpenAsync(Token);
        byte[] bytes = [0, .. s_message.ToByteArray()];

        for (var i = 0; i < bytes.Length; i++)
        {
            await client.SendAsync(i == 0 ? WireClient.Binary : 0, bytes.AsSpan(i, 1), isFinal: i == bytes.Length - 1, Token);
            if (i % 40 == 0)
            {
                await client.SendAsync(WireClient.Ping, "p"u8, cancellationToken: Token);
                Assert.Equal(WireClient.Pong, (await client.ReadAsync(Token))!.Opcode);
            }
        }

        Assert.Null((await client.ReadMessageAsync(Token)).ErrorResponse);
        Assert.Equal(s_message, Assert.Single(_host.Server.Messages));
    }

    [Fact]
    public async Task Message_OfText_ClosesWithUnsupportedData()
    {
        using var client = await _host.OpenAsync(Token);

        await client.SendAsync(WireClient.Text, "{}"u8, cancellationToken: Token);

        var close = await client.ReadAsync(Token);
        Assert.Equal((WireClient.Close, 1003), (close!.Opcode, close.CloseStatus));
        Assert.Empty(_host.Server.Messages);
    }
}
