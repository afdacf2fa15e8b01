using StellaOps.Telemetry.OpAmp.Model;
using StellaOps.Telemetry.OpAmp.Server;
using StellaOps.Telemetry.Tests.Shared.OpAmp;
using StellaOps.Telemetry.Tests.Shared.Processes;

namespace StellaOps.Telemetry.OpAmp.Tests.Specification;

/// <summary>Section "WebSocket Message Exchange".</summary>
public sealed class WebSocketMessageExchangeTests
{
    private static readonly InstanceUid s_uid = TestAgents.Uid(1);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Server_Pushes_WithoutBeingAsked()
    {
        await using var host = await OpAmpHost.StartAsync();
        using var client = await host.OpenAsync(Token);
        await client.ExchangeAsync(TestAgents.Full(s_uid, 1), Token);
        var offer = new ServerToAgent { InstanceUid = s_uid.ToByteString(), RemoteConfig = ConfigHash.Offer(TestAgents.Files("a: 1")) };

        Assert.True(await host.Server.PushAsync(s_uid, offer, Token));

        Assert.Equal(offer, await client.ReadMessageAsync(Token));
    }

    [Fact]
    public async Task Messages_OfOneConnection_AreAnsweredOneByOneInOrder()
    {
        await using var host = await OpAmpHost.StartAsync();
        using var client = await host.OpenAsync(Token);
        for (ulong i = 1; i <= 50; i++)
        {
            await client.SendAsync(i == 1 ? TestAgents.Full(s_uid, i) : TestAgents.Bare(s_uid, i), Token);
        }

        for (var i = 0; i < 50; i++)
        {
            Assert.Equal(0ul, (await client.ReadMessageAsync(Token)).Flags);
        }

        Assert.Equal(Enumerable.Range(1, 50).Select(i => (ulong)i), host.Server.Messages.Select(m => m.SequenceNum));
    }

    /// <summary>The section on ServerToAgent.instance_uid: several agents behind one connection are told apart by their uid.</summary>
    [Fact]
    public async Task Agents_BehindOneConnection_AreAddressedByUid()
    {
        await using var host = await OpAmpHost.StartAsync();
        using var client = await host.OpenAsync(Token);
        foreach (var i in Enumerable.Range(1, 3))
        {
            Assert.Equal(TestAgents.Uid(i).ToByteString(), (await client.ExchangeAsync(TestAgents.Full(TestAgents.Uid(i), 1), Token)).InstanceUid);
        }

        foreach (var i in Enumerable.Range(1, 3))
        {
            Assert.True(await host.Server.PushAsync(TestAgents.Uid(i), new ServerToAgent { InstanceUid = TestAgents.Uid(i).ToByteString() }, Token));
            Assert.Equal(TestAgents.Uid(i).ToByteString(), (await client.ReadMessageAsync(Token)).InstanceUid);
        }
    }

    [Fact]
    public async Task Push_ToAnAgentThatDoesNotRead_IsBounded()
    {
        await using var host = await OpAmpHost.StartAsync(o => (o.MaxQueuedMessages, o.SendTimeout) = (3, TimeSpan.FromMinutes(1)));
        using var client = await host.OpenAsync(Token);
        await client.ExchangeAsync(TestAgents.Full(s_uid, 1), Token);
        var large = new ServerToAgent { RemoteConfig = ConfigHash.Offer(TestAgents.Files(new string('x', 1 << 20))) };

        // The first fills what lies between, and waits; two wait behind it; the rest is told so.
        var sent = Enumerable.Range(0, 10).Select(_ => host.Server.PushAsync(s_uid, large, Token)).ToList();

        Assert.Equal(7, sent.Count(s => s.IsCompleted));
        Assert.All(sent.Where(s => s.IsCompleted), s => Assert.False(s.GetAwaiter().GetResult()));
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(large, await client.ReadMessageAsync(Token));
        }

        Assert.All(await Task.WhenAll(sent.Except(sent.Where(s => s.IsCompleted && !s.GetAwaiter().GetResult()))), Assert.True);
    }

    [Fact]
    public async Task Push_ToAnAgentThatNeverReads_EndsItsConnection()
    {
        await using var host = await OpAmpHost.StartAsync(o => o.SendTimeout = TimeSpan.FromMilliseconds(100));
        using var client = await host.OpenAsync(Token);
        await client.ExchangeAsync(TestAgents.Full(s_uid, 1), Token);

        Assert.False(await host.Server.PushAsync(s_uid, new ServerToAgent { RemoteConfig = ConfigHash.Offer(TestAgents.Files(new string('x', 1 << 20))) }, Token));

        await Eventually.HoldsAsync(() => host.Server.Connections.Values.Single(), TimeSpan.FromSeconds(10), "the connection has ended");
    }

    [Fact]
    public async Task Push_OverHttp_IsNotSent()
    {
        await using var host = await OpAmpHost.StartAsync();
        OpAmpConnection? connection = null;
        host.Server.Intercept = (_, _) =>
        {
            connection = host.Server.Connections.Keys.Single();
            return ValueTask.FromResult<ServerToAgent?>(null);
        };

        await HttpExchange.PostAsync(host, TestAgents.Full(s_uid, 1));

        Assert.Equal(OpAmpTransport.Http, connection!.Transport);
        Assert.False(await connection.SendAsync(new ServerToAgent(), Token));
    }
}
