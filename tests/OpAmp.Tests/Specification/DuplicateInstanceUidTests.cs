using StellaOps.Telemetry.OpAmp.Model;
using StellaOps.Telemetry.OpAmp.Server;
using StellaOps.Telemetry.Tests.Shared.OpAmp;

namespace StellaOps.Telemetry.OpAmp.Tests.Specification;

/// <summary>Sections "Duplicate WebSocket Connections" and "Duplicate instance_uid Detection".</summary>
public sealed class DuplicateInstanceUidTests : IAsyncLifetime
{
    private static readonly InstanceUid s_uid = TestAgents.Uid(1);

    private OpAmpHost _host = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _host = await OpAmpHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    /// <summary>The older is asked whether it lives by a request for its state.</summary>
    [Fact]
    public async Task SecondConnection_WhileTheFirstAnswers_GetsANewUid()
    {
        using var first = await _host.OpenAsync(Token);
        await first.ExchangeAsync(TestAgents.Full(s_uid, 1), Token);
        using var second = await _host.OpenAsync(Token);

        var answering = second.ExchangeAsync(TestAgents.Full(s_uid, 1), Token);
        Assert.Equal((ulong)ServerToAgentFlags.ReportFullState, (await first.ReadMessageAsync(Token)).Flags);
        await first.ExchangeAsync(TestAgents.Full(s_uid, 2), Token);

        var answer = await answering;
        Assert.True(InstanceUid.TryFrom(answer.AgentIdentification.NewInstanceUid, out var uid));
        Assert.NotEqual(s_uid, uid);
        Assert.Equal(s_uid.ToByteString(), answer.InstanceUid);

        // It goes on under the new one, of which the server knows nothing yet.
        Assert.Equal((ulong)ServerToAgentFlags.ReportFullState, (await second.ExchangeAsync(TestAgents.Bare(uid, 2), Token)).Flags);
        Assert.Equal(0ul, (await second.ExchangeAsync(TestAgents.Full(uid, 3), Token)).Flags);
        Assert.Equal(2ul, _host.Server.Agents[s_uid].SequenceNum);
        Assert.Equal(3ul, _host.Server.Agents[uid].SequenceNum);
    }

    /// <summary>A machine that lost power comes back before its old connection is known to be dead. It must not be renamed for that.</summary>
    [Fact]
    public async Task SecondConnection_WhileTheFirstIsDead_TakesOver()
    {
        using var first = await _host.OpenAsync(Token);
        await first.ExchangeAsync(TestAgents.Full(s_uid, 1), Token);
        using var second = await _host.OpenAsync(Token);

        var answer = await second.ExchangeAsync(TestAgents.Full(s_uid, 1), Token).WaitAsync(3 * AgentConnections.ProbeTimeout, Token);

        Assert.Null(answer.AgentIdentification);
        Assert.True(await _host.Server.PushAsync(s_uid, new ServerToAgent { Flags = 1 }, Token));
        Assert.Equal(1ul, (await second.ReadMessageAsync(Token)).Flags);
    }

    [Fact]
    public async Task Reconnection_AfterAClose_KeepsTheUid()
    {
        using (var first = await _host.OpenAsync(Token))
        {
            await first.ExchangeAsync(TestAgents.Full(s_uid, 1), Token);
            await first.SendCloseAsync(1000, Token);
            Assert.Equal(1000, (await first.ReadAsync(Token))!.CloseStatus);
            Assert.Null(await first.ReadAsync(Token));
        }

        using var second = await _host.OpenAsync(Token);

        Assert.Null((await second.ExchangeAsync(TestAgents.Bare(s_uid, 2), Token)).AgentIdentification);
    }

    [Fact]
    public async Task HttpPoll_WhileAWebSocketAnswers_GetsANewUid()
    {
        using var first = await _host.OpenAsync(Token);
        await first.ExchangeAsync(TestAgents.Full(s_uid, 1), Token);

        var answering = HttpExchange.PostAsync(_host, TestAgents.Full(s_uid, 1));
        await first.ReadMessageAsync(Token);
        await first.ExchangeAsync(TestAgents.Full(s_uid, 2), Token);

        Assert.NotNull((await answering).AgentIdentification);
    }

    [Fact]
    public async Task RequestInstanceUid_Flag_IsAnsweredWithOne()
    {
        using var client = await _host.OpenAsync(Token);
        var message = TestAgents.Full(s_uid, 1);
        message.Flags = (ulong)AgentToServerFlags.RequestInstanceUid;

        var answer = await client.ExchangeAsync(message, Token);

        Assert.Equal(InstanceUid.Length, answer.AgentIdentification.NewInstanceUid.Length);
        Assert.DoesNotContain(s_uid, _host.Server.Agents.Keys);
    }
}
