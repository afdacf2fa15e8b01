using StellaOps.Telemetry.OpAmp.Client;
using StellaOps.Telemetry.OpAmp.Model;
using StellaOps.Telemetry.OpAmp.Server;
using StellaOps.Telemetry.Tests.Shared.OpAmp;
using StellaOps.Telemetry.Tests.Shared.Processes;

namespace StellaOps.Telemetry.OpAmp.Tests.Client;

/// <summary>The agent with our server, over WebSocket.</summary>
public sealed class AgentOverWebSocketTests : IAsyncLifetime
{
    private static readonly InstanceUid s_uid = TestAgents.Uid(1);

    private OpAmpHost _host = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _host = await OpAmpHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task FirstMessage_OnAConnection_IsTheFullState()
    {
        await using var running = await ConnectedAsync();

        var first = _host.Server.Messages.First();
        Assert.Equal(
            new AgentToServer
            {
                InstanceUid = s_uid.ToByteString(),
                SequenceNum = 1,
                Capabilities = (ulong)TestAgents.Capabilities,
                AgentDescription = TestAgents.Description("agent"),
                Health = new ComponentHealth { Healthy = true },
                EffectiveConfig = new EffectiveConfig { ConfigMap = TestAgents.Files("running: none") },
                RemoteConfigStatus = new RemoteConfigStatus(),
            },
            first);
    }

    [Fact]
    public async Task Report_OfAChange_SaysOnlyThat()
    {
        await using var running = await ConnectedAsync();
        var health = new ComponentHealth { Healthy = false, LastError = "disk full" };

        running.Agent.Report(health);
        await MessagesAsync(2);

        var expected = TestAgents.Bare(s_uid, 2);
        expected.Health = health;
        Assert.Equal(expected, _host.Server.Messages.Last());
    }

    [Fact]
    public async Task Report_OfTheSame_SaysNothing()
    {
        await using var running = await ConnectedAsync();

        running.Agent.Report(new ComponentHealth { Healthy = true });
        running.Agent.Report(TestAgents.Description("agent"));
        running.Agent.Report(new ComponentHealth { Healthy = false });
        await MessagesAsync(2);

        Assert.Equal(2, _host.Server.Messages.Count);
    }

    [Fact]
    public async Task ReportFullState_Asked_IsSaidAndThenNotAgain()
    {
        await using var running = await ConnectedAsync();
        _host.Server.Agents.Clear();

        running.Agent.Report(new ComponentHealth { Healthy = false });
        await MessagesAsync(3);
        running.Agent.Report(new ComponentHealth { Healthy = true });
        await MessagesAsync(4);

        var messages = _host.Server.Messages.ToArray();
        Assert.NotNull(messages[2].AgentDescription);
        Assert.NotNull(messages[2].EffectiveConfig);
        Assert.Null(messages[3].AgentDescription);
    }

    [Fact]
    public async Task Offer_Pushed_IsAppliedAndReported()
    {
        var applying = new TaskCompletionSource();
        var handler = new RecordingHandler();
        var apply = handler.Apply;
        handler.Apply = async (offer, token) =>
        {
            await applying.Task.WaitAsync(token);
            return await apply(offer, token);
        };
        await using var running = await ConnectedAsync(handler);
        var offer = ConfigHash.Offer(TestAgents.Files("a: 1"));

        Assert.True(await _host.Server.PushAsync(s_uid, new ServerToAgent { InstanceUid = s_uid.ToByteString(), RemoteConfig = offer }, Token));

        await StatusAsync(new RemoteConfigStatus { LastRemoteConfigHash = offer.ConfigHash, Status = RemoteConfigStatuses.Applying });
        applying.SetResult();
        await StatusAsync(new RemoteConfigStatus { LastRemoteConfigHash = offer.ConfigHash, Status = RemoteConfigStatuses.Applied });
        Assert.Equal(offer.Config, _host.Server.Agents[s_uid].EffectiveConfig!.ConfigMap);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Offer_ThatCannotBeApplied_IsReportedWithItsError(bool isThrown)
    {
        var handler = new RecordingHandler { Apply = (_, _) => isThrown ? throw new InvalidOperationException("unknown exporter 'x'") : Task.FromResult(ConfigOutcome.Failed("unknown exporter 'x'")) };
        var offer = _host.Server.Offer = ConfigHash.Offer(TestAgents.Files("a: 1"));
        await using var running = await ConnectedAsync(handler);

        await StatusAsync(new RemoteConfigStatus { LastRemoteConfigHash = offer.ConfigHash, Status = RemoteConfigStatuses.Failed, ErrorMessage = "unknown exporter 'x'" });

        Assert.Equal(TestAgents.Files("running: none"), _host.Server.Agents[s_uid].EffectiveConfig!.ConfigMap);
        Assert.Single(handler.Applied);
    }

    [Fact]
    public async Task Offer_OfTheSame_IsAppliedOnce()
    {
        await using var running = await ConnectedAsync();
        var offer = ConfigHash.Offer(TestAgents.Files("a: 1"));

        for (var i = 0; i < 3; i++)
        {
            await _host.Server.PushAsync(s_uid, new ServerToAgent { RemoteConfig = offer }, Token);
        }

        await StatusAsync(new RemoteConfigStatus { LastRemoteConfigHash = offer.ConfigHash, Status = RemoteConfigStatuses.Applied });
        var last = ConfigHash.Offer(TestAgents.Files("a: 2"));
        await _host.Server.PushAsync(s_uid, new ServerToAgent { RemoteConfig = last }, Token);
        await StatusAsync(new RemoteConfigStatus { LastRemoteConfigHash = last.ConfigHash, Status = RemoteConfigStatuses.Applied });
        Assert.Equal([offer, last], running.Handler.Applied);
    }

    /// <summary>Only the newest of those that wait: what is no longer wanted is not put in force on the way.</summary>
    [Fact]
    public async Task Offers_ThatComeWhileOneIsApplied_AreTakenByTheNewest()
    {
        var first = new TaskCompletionSource();
        var handler = new RecordingHandler();
        var apply = handler.Apply;
        handler.Apply = async (offer, token) =>
        {
            await first.Task.WaitAsync(token);
            return await apply(offer, token);
        };
        await using var running = await ConnectedAsync(handler);
        var offers = Enumerable.Range(1, 4).Select(i => ConfigHash.Offer(TestAgents.Files($"a: {i}"))).ToArray();
        await _host.Server.PushAsync(s_uid, new ServerToAgent { RemoteConfig = offers[0] }, Token);
        await Eventually.HoldsAsync(() => handler.Applied.Count == 1, RunningAgent.Patience, "the first is being applied");

        foreach (var offer in offers[1..])
        {
            await _host.Server.PushAsync(s_uid, new ServerToAgent { RemoteConfig = offer }, Token);
        }

        await running.Agent.SettledAsync(_host, Token);
        first.SetResult();

        await StatusAsync(new RemoteConfigStatus { LastRemoteConfigHash = offers[3].ConfigHash, Status = RemoteConfigStatuses.Applied });
        Assert.Equal([offers[0], offers[3]], handler.Applied);
    }

    [Fact]
    public async Task Reconnected_AfterTheServerWasAway_SaysTheLastHash()
    {
        var offer = _host.Server.Offer = ConfigHash.Offer(TestAgents.Files("a: 1"));
        await using var running = await ConnectedAsync();
        await StatusAsync(new RemoteConfigStatus { LastRemoteConfigHash = offer.ConfigHash, Status = RemoteConfigStatuses.Applied });
        var before = _host.Server.Messages.Last().SequenceNum;
        _host.Server.Messages.Clear();

        _host.Server.Connections.Keys.Single().Abort();
        await running.AdvanceUntilAsync(() => !_host.Server.Messages.IsEmpty, "the agent is back");

        var first = _host.Server.Messages.First();
        Assert.Equal(before + 1, first.SequenceNum);
        Assert.Equal(offer.ConfigHash, first.RemoteConfigStatus.LastRemoteConfigHash);
        Assert.Equal(RemoteConfigStatuses.Applied, first.RemoteConfigStatus.Status);
        Assert.Single(running.Handler.Applied);
    }

    [Fact]
    public async Task NewInstanceUid_IsKeptAndUsedFromThenOn()
    {
        await using var running = await ConnectedAsync();
        var uid = TestAgents.Uid(2);

        await _host.Server.PushAsync(s_uid, new ServerToAgent { InstanceUid = s_uid.ToByteString(), AgentIdentification = new AgentIdentification { NewInstanceUid = uid.ToByteString() } }, Token);
        await MessagesAsync(2);

        Assert.Equal(uid.ToByteString(), _host.Server.Messages.Last().InstanceUid);
        Assert.NotNull(_host.Server.Messages.Last().AgentDescription);
        Assert.Equal([uid], running.Handler.Uids);
        Assert.Equal(uid, running.Agent.InstanceUid);
    }

    [Fact]
    public async Task Components_AreSaidByHashAndInFullWhenAsked()
    {
        var components = new AvailableComponents { Hash = Google.Protobuf.ByteString.CopyFromUtf8("set"), Components = { ["receivers"] = new ComponentDetails() } };
        await using var running = RunningAgent.Start(_host.Http, RunningAgent.Options("ws") with { Capabilities = TestAgents.Capabilities | AgentCapabilities.ReportsAvailableComponents });
        running.Agent.Report(components);

        await Eventually.HoldsAsync(() => _host.Server.Components.Count == 1, RunningAgent.Patience, "the components are known");

        Assert.Equal(components, _host.Server.Components[components.Hash]);
        Assert.Contains(_host.Server.Messages, m => m.AvailableComponents is { Components.Count: 0 } a && a.Hash == components.Hash);
    }

    [Fact]
    public async Task Stop_SaysGoodbyeAndCloses()
    {
        var running = await ConnectedAsync();

        await running.DisposeAsync();

        Assert.NotNull(_host.Server.Messages.Last().AgentDisconnect);
        await Eventually.HoldsAsync(() => _host.Server.Connections.Values.Single(), RunningAgent.Patience, "the connection has ended");
        Assert.False(_host.Server.Agents[s_uid].IsPresent);
    }

    [Fact]
    public async Task Heartbeat_AtItsInterval_CarriesNothing()
    {
        await using var running = await ConnectedAsync();

        await running.AdvanceUntilAsync(() => _host.Server.Messages.Count >= 2, "a heartbeat came");

        Assert.Equal(TestAgents.Bare(s_uid, 2), _host.Server.Messages.ElementAt(1));
        Assert.InRange(running.Time.GetUtcNow() - running.Time.Start, KnownOpAmp.HeartbeatInterval, KnownOpAmp.HeartbeatInterval + TimeSpan.FromSeconds(30));
    }

    [Theory]
    [InlineData(5)]
    [InlineData(300)]
    public async Task Heartbeat_IntervalOfTheServer_IsUsed(int seconds)
    {
        await using var running = await ConnectedAsync();
        await OfferHeartbeatAsync((ulong)seconds);
        await running.Agent.SettledAsync(_host, Token);
        var (count, since) = (_host.Server.Messages.Count, running.Time.GetUtcNow());

        await running.AdvanceUntilAsync(() => _host.Server.Messages.Count > count, "a heartbeat came");

        Assert.InRange((running.Time.GetUtcNow() - since).TotalSeconds, seconds, seconds + 30);
    }

    [Fact]
    public async Task Heartbeat_IntervalOfZero_IsNone()
    {
        await using var running = await ConnectedAsync();
        await OfferHeartbeatAsync(0);
        await running.Agent.SettledAsync(_host, Token);
        var count = _host.Server.Messages.Count;

        for (var i = 0; i < 100; i++)
        {
            running.Time.Advance(TimeSpan.FromMinutes(1));
        }

        running.Agent.Report(new ComponentHealth { LastError = "after" });
        await MessagesAsync(count + 1);
        Assert.Equal("after", _host.Server.Messages.ElementAt(count).Health.LastError);
    }

    [Fact]
    public async Task Unavailable_DisconnectsAndWaitsAsToldBeforeItComesBack()
    {
        var isBusy = true;
        _host.Server.Intercept = (m, _) => ValueTask.FromResult(isBusy && m.AgentDisconnect is null ? ServerAnswers.Unavailable(m.InstanceUid, "busy", TimeSpan.FromSeconds(120)) : null);
        await using var running = RunningAgent.Start(_host.Http, RunningAgent.Options("ws"));
        await Eventually.HoldsAsync(() => _host.Server.Connections.Values.SingleOrDefault(), RunningAgent.Patience, "the agent has disconnected");
        (isBusy, var since) = (false, running.Time.GetUtcNow());

        await running.AdvanceUntilAsync(() => _host.Server.Agents.ContainsKey(s_uid), "the agent is back");

        Assert.InRange((running.Time.GetUtcNow() - since).TotalSeconds, 120, 120 * 1.1 + 30);
        Assert.NotNull(_host.Server.Agents[s_uid].Description);
    }

    [Fact]
    public async Task BadRequest_IsNotSaidAgain()
    {
        _host.Server.Intercept = (m, _) => ValueTask.FromResult(m.Health is { Healthy: false } ? ServerAnswers.BadRequest(m.InstanceUid, "no such health") : null);
        await using var running = await ConnectedAsync();

        running.Agent.Report(new ComponentHealth { Healthy = false });
        await MessagesAsync(2);
        running.Agent.Report(new EffectiveConfig());
        await MessagesAsync(3);

        Assert.Null(_host.Server.Messages.ElementAt(2).Health);
    }

    private async Task<RunningAgent> ConnectedAsync(RecordingHandler? handler = null)
    {
        var running = RunningAgent.Start(_host.Http, RunningAgent.Options("ws"), handler);
        await Eventually.HoldsAsync(() => running.Agent.IsConnected, RunningAgent.Patience, "the agent is connected");
        return running;
    }

    private Task OfferHeartbeatAsync(ulong seconds) => _host.Server.PushAsync(
        s_uid, new ServerToAgent { ConnectionSettings = new ConnectionSettingsOffers { Opamp = new OpAMPConnectionSettings { HeartbeatIntervalSeconds = seconds } } }, Token);

    private Task MessagesAsync(int count) => Eventually.HoldsAsync(() => _host.Server.Messages.Count >= count, RunningAgent.Patience, $"{count} messages came");

    private Task StatusAsync(RemoteConfigStatus status) => Eventually.HoldsAsync(
        () => _host.Server.Agents.TryGetValue(s_uid, out var agent) && status.Equals(agent.RemoteConfigStatus), RunningAgent.Patience, $"the status is {status}");
}
