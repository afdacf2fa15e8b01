using StellaOps.Telemetry.OpAmp.Model;
using StellaOps.Telemetry.Tests.Shared.OpAmp;
using StellaOps.Telemetry.Tests.Shared.Processes;

namespace StellaOps.Telemetry.OpAmp.Tests.Specification;

/// <summary>Section "Closing Connection", the server's half.</summary>
public sealed class ClosingConnectionTests
{
    private static readonly InstanceUid s_uid = TestAgents.Uid(1);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Client_SaysGoodbyeAndCloses_IsAnsweredWithACloseAndGone()
    {
        await using var host = await OpAmpHost.StartAsync();
        using var client = await host.OpenAsync(Token);
        await client.ExchangeAsync(TestAgents.Full(s_uid, 1), Token);
        var farewell = TestAgents.Bare(s_uid, 2);
        farewell.AgentDisconnect = new AgentDisconnect();

        Assert.Null((await client.ExchangeAsync(farewell, Token)).ErrorResponse);
        await client.SendCloseAsync(1000, Token);

        Assert.Equal(1000, (await client.ReadAsync(Token))!.CloseStatus);
        Assert.Null(await client.ReadAsync(Token));
        await Eventually.HoldsAsync(() => host.Server.Connections.Values.Single(), s_patience, "the server was told");
        Assert.False(host.Server.Agents[s_uid].IsPresent);
        Assert.False(await host.Server.PushAsync(s_uid, new ServerToAgent(), Token));
    }

    [Fact]
    public async Task Client_GoesWithoutAWord_IsGone()
    {
        await using var host = await OpAmpHost.StartAsync();
        using (var client = await host.OpenAsync(Token))
        {
            await client.ExchangeAsync(TestAgents.Full(s_uid, 1), Token);
        }

        await Eventually.HoldsAsync(() => host.Server.Connections.Values.Single(), s_patience, "the server was told");
        Assert.False(await host.Server.PushAsync(s_uid, new ServerToAgent(), Token));
    }

    [Fact]
    public async Task Client_SaysGoodbyeOverHttp_IsAbsentAtOnce()
    {
        await using var host = await OpAmpHost.StartAsync();
        await HttpExchange.PostAsync(host, TestAgents.Full(s_uid, 1));
        var farewell = TestAgents.Bare(s_uid, 2);
        farewell.AgentDisconnect = new AgentDisconnect();

        await HttpExchange.PostAsync(host, farewell);

        Assert.False(host.Server.Agents[s_uid].IsPresent);
    }

    [Fact]
    public async Task Server_Stops_ClosesWithGoingAway()
    {
        await using var host = await OpAmpHost.StartAsync();
        using var client = await host.OpenAsync(Token);
        await client.ExchangeAsync(TestAgents.Full(s_uid, 1), Token);

        var stopping = host.StopAsync(Token);
        var close = await client.ReadAsync(Token);
        await client.SendCloseAsync(1001, Token);
        await stopping.WaitAsync(s_patience, Token);

        Assert.Equal((WireClient.Close, 1001), (close!.Opcode, close.CloseStatus));
    }

    [Fact]
    public async Task Server_Stops_DoesNotWaitForAClientThatDoesNotClose()
    {
        await using var host = await OpAmpHost.StartAsync(o => o.CloseTimeout = TimeSpan.FromMilliseconds(100));
        using var client = await host.OpenAsync(Token);
        await client.ExchangeAsync(TestAgents.Full(s_uid, 1), Token);

        await host.StopAsync(Token).WaitAsync(s_patience, Token);

        Assert.Equal(1001, (await client.ReadAsync(Token))!.CloseStatus);
        Assert.Null(await client.ReadAsync(Token));
    }

    [Fact]
    public async Task Client_ThatSaysNothing_IsClosedForViolatingPolicy()
    {
        await using var host = await OpAmpHost.StartAsync(o => o.FirstMessageTimeout = TimeSpan.FromMilliseconds(100));
        using var client = await host.OpenAsync(Token);

        var close = await client.ReadAsync(Token);

        Assert.Equal((WireClient.Close, 1008), (close!.Opcode, close.CloseStatus));
    }

    [Fact]
    public async Task Client_ThatHasSpoken_MaySayNothingForLong()
    {
        await using var host = await OpAmpHost.StartAsync(o => o.FirstMessageTimeout = TimeSpan.FromMilliseconds(100));
        using var client = await host.OpenAsync(Token);
        await client.ExchangeAsync(TestAgents.Full(s_uid, 1), Token);

        await Task.Delay(TimeSpan.FromMilliseconds(300), Token);

        Assert.Equal(0ul, (await client.ExchangeAsync(TestAgents.Bare(s_uid, 2), Token)).Flags);
    }

    [Fact]
    public async Task Client_ThatDoesNotAnswerAPing_IsGone()
    {
        await using var host = await OpAmpHost.StartAsync(o => (o.PingInterval, o.PingTimeout) = (TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(50)));
        using var client = await host.OpenAsync(Token);
        await client.ExchangeAsync(TestAgents.Full(s_uid, 1), Token);

        Assert.Equal(WireClient.Ping, (await client.ReadAsync(Token))!.Opcode);

        await Eventually.HoldsAsync(() => host.Server.Connections.Values.Single(), s_patience, "the connection has ended");
    }
}
