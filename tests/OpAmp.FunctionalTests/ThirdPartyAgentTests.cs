using StellaOps.Telemetry.OpAmp.Model;
using StellaOps.Telemetry.OpAmp.Server;
using StellaOps.Telemetry.Tests.Shared.OpAmp;

namespace StellaOps.Telemetry.OpAmp.FunctionalTests;

/// <summary>A client that is not ours, over real HTTP.</summary>
public sealed class ThirdPartyAgentTests(ThirdPartyAgent agent) : IClassFixture<ThirdPartyAgent>, IAsyncLifetime
{
    private static readonly InstanceUid s_uid = TestAgents.Uid(7);

    private OpAmpHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await OpAmpHost.StartAsync(onLoopback: true);

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Agent_Registers_ReceivesAConfigurationAndReportsItsStatus()
    {
        var offer = _host.Server.Offer = ConfigHash.Offer(TestAgents.Files("receivers: {}\n"));

        var report = await agent.RunAsync(_host.Loopback, s_uid, sends: 3);

        Assert.Equal(
            [new AgentEvent.Sent(1), new AgentEvent.Configured("receivers: {}\n", "text/yaml", Convert.ToHexStringLower(offer.ConfigHash.Span)), new AgentEvent.Sent(2), new AgentEvent.Sent(3)],
            InOrder(report.Events));
        var state = _host.Server.Agents[s_uid];
        Assert.Equal(new RemoteConfigStatus { LastRemoteConfigHash = offer.ConfigHash, Status = RemoteConfigStatuses.Applied }, state.RemoteConfigStatus);
        Assert.Equal("third-party", state.Description!.IdentifyingAttributes.Single(a => a.Key == "service.name").Value.StringValue);
        Assert.Equal("elsewhere", state.Description.NonIdentifyingAttributes.Single(a => a.Key == "host.name").Value.StringValue);
        Assert.Equal(AgentCapabilities.ReportsStatus | AgentCapabilities.AcceptsRemoteConfig | AgentCapabilities.ReportsRemoteConfig | AgentCapabilities.ReportsHeartbeat, (AgentCapabilities)state.Capabilities);
        Assert.Equal(3ul, state.SequenceNum);
    }

    [Fact]
    public async Task Agent_ThatFailsToApply_ReportsItsError()
    {
        var offer = _host.Server.Offer = ConfigHash.Offer(TestAgents.Files("receivers: nonsense\n"));

        await agent.RunAsync(_host.Loopback, s_uid, sends: 2, status: "FAILED", error: "receivers: expected a map");

        Assert.Equal(
            new RemoteConfigStatus { LastRemoteConfigHash = offer.ConfigHash, Status = RemoteConfigStatuses.Failed, ErrorMessage = "receivers: expected a map" },
            _host.Server.Agents[s_uid].RemoteConfigStatus);
    }

    [Fact]
    public async Task Agent_OfAServerThatForgot_SaysItsFullState()
    {
        _host.Server.Intercept = (message, _) =>
        {
            if (message.SequenceNum == 2)
            {
                _host.Server.Agents.Clear();
            }

            return ValueTask.FromResult<ServerToAgent?>(null);
        };

        await agent.RunAsync(_host.Loopback, s_uid, sends: 4);

        Assert.Equal([true, false, true, false], _host.Server.Messages.Select(m => m.AgentDescription is not null).Take(4));
        Assert.NotNull(_host.Server.Agents[s_uid].Description);
    }

    [Fact]
    public async Task Agent_GivenAnotherUid_UsesIt()
    {
        var uid = TestAgents.Uid(8);
        _host.Server.Intercept = (message, _) => ValueTask.FromResult(
            message.SequenceNum == 1 ? new ServerToAgent { InstanceUid = message.InstanceUid, AgentIdentification = new AgentIdentification { NewInstanceUid = uid.ToByteString() } } : null);

        var report = await agent.RunAsync(_host.Loopback, s_uid, sends: 4);

        Assert.Equal(uid.ToString(), report.Uid);
        Assert.Equal([s_uid.ToByteString(), uid.ToByteString(), uid.ToByteString(), uid.ToByteString()], _host.Server.Messages.Select(m => m.InstanceUid).Take(4));
        Assert.NotNull(_host.Server.Agents[uid].Description);
    }

    [Fact]
    public async Task Agent_OfAServerThatIsBusy_IsToldHowLongToWait()
    {
        _host.Server.Intercept = (message, _) => ValueTask.FromResult<ServerToAgent?>(ServerAnswers.Unavailable(message.InstanceUid, "busy", TimeSpan.FromSeconds(90)));

        var report = await agent.RunAsync(_host.Loopback, s_uid, sends: 1);

        Assert.Equal([new AgentEvent.Failed("OpAMP server HTTP 503", 90_000)], report.Events);
    }

    [Fact]
    public async Task Agent_WhoseMessageIsRefused_ReadsWhy()
    {
        _host.Server.Intercept = (message, _) => ValueTask.FromResult<ServerToAgent?>(ServerAnswers.BadRequest(message.InstanceUid, "no such thing"));

        var report = await agent.RunAsync(_host.Loopback, s_uid, sends: 1);

        Assert.Equal([new AgentEvent.Failed("ServerErrorResponse BadRequest: no such thing", null)], report.Events);
    }

    /// <summary>A configuration is told of after the answer that carried it, or just before: that is the client's affair.</summary>
    private static IEnumerable<AgentEvent> InOrder(IReadOnlyList<AgentEvent> events) => events.OrderBy(e => e switch { AgentEvent.Sent s => s.Sequence, _ => 1.5 });
}
