using System.Security.Claims;
using Microsoft.Extensions.Time.Testing;
using StellaOps.Telemetry.OpAmp.Model;
using StellaOps.Telemetry.OpAmp.Server;
using StellaOps.Telemetry.Tests.Shared.OpAmp;

namespace StellaOps.Telemetry.OpAmp.Tests.Server;

public sealed class AgentConnectionsTests
{
    private static readonly InstanceUid s_uid = TestAgents.Uid(1);

    private readonly FakeTimeProvider _time = new();
    private readonly AgentConnections _connections;

    public AgentConnectionsTests() => _connections = new AgentConnections(_time);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Claim_OfWhatNobodyHolds_IsGrantedAndFound()
    {
        var connection = new Connection();

        Assert.Equal(ClaimOutcome.Granted, await _connections.ClaimAsync(s_uid, connection, Token));
        Assert.Equal(ClaimOutcome.Granted, await _connections.ClaimAsync(s_uid, connection, Token));

        Assert.True(_connections.TryGet(s_uid, out var found));
        Assert.Same(connection, found);
        Assert.Equal(1, _connections.Count);
    }

    [Fact]
    public async Task Claim_OverHttp_HoldsNothing()
    {
        Assert.Equal(ClaimOutcome.Granted, await _connections.ClaimAsync(s_uid, new Connection(OpAmpTransport.Http), Token));

        Assert.False(_connections.TryGet(s_uid, out _));
    }

    [Fact]
    public async Task Claim_WhileTheHolderAnswers_IsRefused()
    {
        var holder = new Connection { Answers = true };
        await _connections.ClaimAsync(s_uid, holder, Token);

        Assert.Equal(ClaimOutcome.Held, await _connections.ClaimAsync(s_uid, new Connection(), Token));

        Assert.Equal((ulong)ServerToAgentFlags.ReportFullState, Assert.Single(holder.Sent).Flags);
        Assert.False(holder.IsAborted);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Claim_WhileTheHolderIsDead_TakesOverOnlyThatUid(bool isSentTo)
    {
        var (holder, next) = (new Connection { Takes = isSentTo }, new Connection());
        await _connections.ClaimAsync(s_uid, holder, Token);
        await _connections.ClaimAsync(TestAgents.Uid(2), holder, Token);

        var claiming = _connections.ClaimAsync(s_uid, next, Token);
        _time.Advance(AgentConnections.ProbeTimeout);

        Assert.Equal(ClaimOutcome.Granted, await claiming);
        Assert.True(holder.IsAborted);
        Assert.True(_connections.TryGet(s_uid, out var found));
        Assert.Same(next, found);
        Assert.Equal([TestAgents.Uid(2)], _connections.Release(holder));
        Assert.Equal(1, _connections.Count);
    }

    [Fact]
    public async Task Release_GivesBackWhatTheConnectionHeld()
    {
        var connection = new Connection();
        await _connections.ClaimAsync(s_uid, connection, Token);

        Assert.Equal([s_uid], _connections.Release(connection));

        Assert.Empty(_connections.Release(connection));
        Assert.Equal(0, _connections.Count);
    }

    [Fact]
    public async Task Claim_AboveWhatAConnectionMaySpeakFor_IsRefused()
    {
        var connection = new Connection();
        for (var i = 0; i < AgentConnections.MaxPerConnection; i++)
        {
            Assert.Equal(ClaimOutcome.Granted, await _connections.ClaimAsync(TestAgents.Uid(i), connection, Token));
        }

        Assert.Equal(ClaimOutcome.TooMany, await _connections.ClaimAsync(TestAgents.Uid(AgentConnections.MaxPerConnection), connection, Token));
    }

    /// <summary>An agent's end of a connection, as a test wants it.</summary>
    private sealed class Connection(OpAmpTransport transport = OpAmpTransport.WebSocket) : OpAmpConnection(transport, new ClaimsPrincipal())
    {
        public List<ServerToAgent> Sent { get; } = [];

        public bool Takes { get; init; } = true;

        public bool Answers { get; init; }

        public bool IsAborted { get; private set; }

        public override Task<bool> SendAsync(ServerToAgent message, CancellationToken cancellationToken)
        {
            Sent.Add(message);
            if (Answers)
            {
                OnMessage();
            }

            return Task.FromResult(Takes);
        }

        public override void Abort() => IsAborted = true;
    }
}
