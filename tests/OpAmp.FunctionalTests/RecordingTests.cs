using Microsoft.Extensions.Logging.Abstractions;
using StellaOps.Telemetry.OpAmp.Client;
using StellaOps.Telemetry.OpAmp.Model;
using StellaOps.Telemetry.Tests.Shared.OpAmp;
using StellaOps.Telemetry.Tests.Shared.Processes;

namespace StellaOps.Telemetry.OpAmp.FunctionalTests;

/// <summary>
/// Records exchanges from real runs and compares them with those that are kept in <c>tests/OpAmp.Tests/exchanges</c>. With
/// <c>OPAMP_RECORD=true</c> they are kept anew.
/// </summary>
public sealed class RecordingTests(ThirdPartyAgent thirdParty) : IClassFixture<ThirdPartyAgent>, IAsyncLifetime
{
    private static readonly InstanceUid s_uid = TestAgents.Uid(9);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    private OpAmpHost _host = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await OpAmpHost.StartAsync(onLoopback: true);
        _host.Server.Offer = RecordedExchange.Offer;
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task ThirdPartysAgent_OverHttp_SpeaksAsRecorded()
    {
        await using var recorder = new ExchangeRecorder(_host.Loopback);

        await thirdParty.RunAsync(recorder.Endpoint, s_uid, sends: 3);

        Compare("third-party-http", "@elastic/opamp-client-node 0.5.0 over HTTP: it registers, is given a configuration, reports it applied, and polls.", recorder);
    }

    [Theory]
    [InlineData("ws", "agent-websocket", "Our agent over WebSocket: it registers, is given a configuration, reports it applying and applied, reports its health, and says goodbye.")]
    [InlineData("http", "agent-http", "Our agent over HTTP: the same, with bodies compressed where they are large.")]
    public async Task Agent_FromItsFirstMessageToItsLast_SpeaksAsRecorded(string scheme, string name, string title)
    {
        await using var recorder = new ExchangeRecorder(_host.Loopback);
        using var http = new HttpMessageInvoker(new SocketsHttpHandler { UseProxy = false });
        using var stop = new CancellationTokenSource();
        var options = new OpAmpAgentOptions { Endpoint = new UriBuilder(recorder.Endpoint) { Scheme = scheme }.Uri, InstanceUid = s_uid, Capabilities = TestAgents.Capabilities };
        var agent = new OpAmpAgent(options, TestAgents.Description("recorded"), new PatientHandler(this), http, TimeProvider.System, NullLogger.Instance);
        agent.Report(new ComponentHealth { Healthy = true });
        agent.Report(new EffectiveConfig { ConfigMap = TestAgents.Files("running: none") });

        var running = agent.RunAsync(stop.Token);
        await StatusIsAsync(RemoteConfigStatuses.Applied);
        agent.Report(new ComponentHealth { Healthy = false, LastError = "disk full" });
        await Eventually.HoldsAsync(() => _host.Server.Agents[s_uid].Health is { Healthy: false }, s_patience, "the health came");
        await stop.CancelAsync();
        await running;

        Compare(name, title, recorder);
    }

    private static void Compare(string name, string title, ExchangeRecorder recorder)
    {
        RecordedExchange.KeepIfAsked(name, title, recorder.Units);
        var kept = ExchangeFile.Read(RecordedExchange.PathOf(name));

        Assert.Equal(Said(kept, byClient: true), Said(recorder.Units, byClient: true));
        Assert.Equal(Said(kept, byClient: false), Said(recorder.Units, byClient: false));
    }

    /// <summary>What one side said: a goodbye and the answer to what came before it may cross.</summary>
    private static IEnumerable<string> Said(IEnumerable<ExchangeUnit> units, bool byClient) => units.Where(u => u.IsFromClient == byClient).Select(u => u.Meaning());

    private Task StatusIsAsync(RemoteConfigStatuses status) => Eventually.HoldsAsync(
        () => _host.Server.Agents.TryGetValue(s_uid, out var state) && state.RemoteConfigStatus?.Status == status, s_patience, $"the status is {status}");

    /// <summary>Applies when the server has heard that it does, so that each step is a message of its own.</summary>
    private sealed class PatientHandler(RecordingTests tests) : IOpAmpAgentHandler
    {
        public async ValueTask<ConfigOutcome> ApplyAsync(AgentRemoteConfig offer, CancellationToken cancellationToken)
        {
            await tests.StatusIsAsync(RemoteConfigStatuses.Applying);
            return ConfigOutcome.Applied(new EffectiveConfig { ConfigMap = offer.Config });
        }

        public ValueTask OnInstanceUidAsync(InstanceUid uid, CancellationToken cancellationToken) => ValueTask.CompletedTask;
    }
}
