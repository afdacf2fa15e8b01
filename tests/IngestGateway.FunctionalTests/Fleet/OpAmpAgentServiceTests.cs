using System.Collections.Concurrent;
using System.Text.Json;
using Google.Protobuf;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Gateways;
using StellaOps.Telemetry.IngestGateway.FunctionalTests.Configuration;
using StellaOps.Telemetry.OpAmp;
using StellaOps.Telemetry.OpAmp.Model;
using StellaOps.Telemetry.OpAmp.Tracking;
using StellaOps.Telemetry.Profiles.Signing;
using StellaOps.Telemetry.Tests.Shared.Auth;
using StellaOps.Telemetry.Tests.Shared.OpAmp;
using StellaOps.Telemetry.Tests.Shared.Processes;

namespace StellaOps.Telemetry.IngestGateway.FunctionalTests.Fleet;

/// <summary>The gateway as an agent, of an OpAMP server that is nothing else.</summary>
public sealed class OpAmpAgentServiceTests : IAsyncLifetime
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    private readonly ConcurrentQueue<string> _credentials = new();
    private OpAmpHost _server = null!;

    public async ValueTask InitializeAsync() => _server = await OpAmpHost.StartAsync(
        onLoopback: true,
        map: endpoint => endpoint.Add(e =>
        {
            var next = e.RequestDelegate!;
            e.RequestDelegate = context =>
            {
                _credentials.Enqueue(context.Request.Headers.Authorization.ToString());
                return next(context);
            };
        }));

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("ws")]
    [InlineData("http")]
    public async Task Gateway_WithAServer_RegistersAsWhatItIs(string scheme)
    {
        await using var gateway = await StartAsync(scheme);

        var state = await StateAsync(s => s.Health is not null && s.EffectiveConfig is not null);

        Assert.Equal(["service.name=stella-ingest-gateway", "service.instance.id=gw-1"], state.Description!.IdentifyingAttributes.Take(2).Select(Text));
        Assert.Equal(["region=eu", "tier=edge"], state.Description.NonIdentifyingAttributes.Select(Text).TakeLast(2));
        Assert.True(state.Health!.Healthy, state.Health.LastError);
        Assert.Matches("^export_failures=[0-9]+ refusals=[0-9]+ queue_oldest_seconds=[0-9]+$", state.Health.ComponentHealthMap["metrics"].Status);
        var status = await gateway.StatusAsync();
        Assert.Equal(new ProfileInForce("test", status.ProfileHash, null, null, null, null, null), InForce(state));
        Assert.Equal("Bearer " + await File.ReadAllTextAsync(gateway.Gateway.More[KnownEnvironment.ServiceTokenFile], TestContext.Current.CancellationToken), _credentials.First());
    }

    [Fact]
    public async Task Offer_OfADeployment_IsJudgedPutInForceAndReported()
    {
        await using var gateway = await StartAsync("ws");
        await StateAsync(s => s.EffectiveConfig is not null);
        var offer = Offer(gateway.Package(7, 3));

        await PushAsync(offer);
        var state = await StateAsync(s => s.RemoteConfigStatus?.Status == RemoteConfigStatuses.Applied);

        Assert.Equal(offer.ConfigHash, state.LastConfigHash);
        Assert.Equal(
            new ProfileInForce("test", (await gateway.StatusAsync()).ProfileHash, 7, null, DeployedGateway.Version(7).Digest, 3, "rollout-3"), InForce(state));
        Assert.Equal(7, (await gateway.StatusAsync()).Deployment!.Version);
    }

    [Fact]
    public async Task Offer_ThatTheGatewayRefuses_IsReportedWithItsReasonAndChangesNothing()
    {
        await using var gateway = await StartAsync("ws");
        var before = await StateAsync(s => s.EffectiveConfig is not null);
        var closure = DeployedGateway.Version(1);

        await PushAsync(Offer(gateway.Signed.Package(closure, 1, 0, gateway.Signed.Approval(closure, TestIdentities.AuthorsOther))));
        var state = await StateAsync(s => s.RemoteConfigStatus?.Status == RemoteConfigStatuses.Failed);

        Assert.StartsWith("self_approved: ", state.RemoteConfigStatus!.ErrorMessage, StringComparison.Ordinal);
        Assert.Equal(InForce(before), InForce(state));
        Assert.Null((await gateway.StatusAsync()).Deployment);
    }

    [Fact]
    public async Task Offer_ThatIsNoDeployment_IsMalformed()
    {
        await using var gateway = await StartAsync("ws");
        await StateAsync(s => s.EffectiveConfig is not null);

        await PushAsync(ConfigHash.Offer(TestAgents.Files("receivers: {}")));
        var state = await StateAsync(s => s.RemoteConfigStatus?.Status == RemoteConfigStatuses.Failed);

        Assert.Equal("malformed: the offer is no deployment: there is no closure.json", state.RemoteConfigStatus!.ErrorMessage);
    }

    [Fact]
    public async Task Uid_IsTheSameAfterARestart_AlsoWhenTheServerGaveAnother()
    {
        await using var gateway = await StartAsync("ws");
        var uid = (await StateAsync(s => s.EffectiveConfig is not null)).Uid;
        var given = TestAgents.Uid(5);
        Assert.True(await _server.Server.PushAsync(uid, new ServerToAgent { AgentIdentification = new AgentIdentification { NewInstanceUid = given.ToByteString() } }, TestContext.Current.CancellationToken));
        await Eventually.HoldsAsync(() => _server.Server.Agents.ContainsKey(given), s_patience, "the gateway uses the uid that it was given");
        _server.Server.Agents.Clear();

        await gateway.RestartAsync(() => { });

        await Eventually.HoldsAsync(() => _server.Server.Agents.ContainsKey(given), s_patience, "the gateway still uses it");
        Assert.Single(_server.Server.Agents);
    }

    [Fact]
    public async Task Deployment_AfterARestart_IsInForceBeforeTheServerIsHeard()
    {
        await using var gateway = await StartAsync("ws");
        await StateAsync(s => s.EffectiveConfig is not null);
        await PushAsync(Offer(gateway.Package(7, 3)));
        await StateAsync(s => s.RemoteConfigStatus?.Status == RemoteConfigStatuses.Applied);
        _server.Server.Agents.Clear();

        await gateway.RestartAsync(() => { });

        Assert.Equal(7, InForce(await StateAsync(s => s.EffectiveConfig is not null)).Version);
    }

    [Fact]
    public async Task Gateway_WithoutItsServer_TakesTelemetry()
    {
        await using var gateway = await DeployedGateway.StartAsync(environment: new Dictionary<string, string> { [KnownEnvironment.FleetOpAmpUrl] = $"ws://127.0.0.1:{FreePort.Next()}{KnownOpAmp.Path}" });
        using var sender = gateway.Gateway.Grpc(gateway.Gateway.Writer("acme"));

        await sender.ExportAsync(Signal.Logs, OtlpBytes.Request(Signal.Logs));

        Assert.Single(gateway.Gateway.Log.Batches);
    }

    private Task<DeployedGateway> StartAsync(string scheme) => DeployedGateway.StartAsync(environment: new Dictionary<string, string>
    {
        [KnownEnvironment.FleetOpAmpUrl] = new UriBuilder(_server.Loopback) { Scheme = scheme }.Uri.ToString(),
        [KnownEnvironment.FleetLabels] = "region=eu,tier=edge",
    });

    private async Task<AgentState> StateAsync(Func<AgentState, bool> condition)
    {
        AgentState? state = null;
        await Eventually.HoldsAsync(() => (state = _server.Server.Agents.Values.SingleOrDefault()) is not null && condition(state), s_patience, "the gateway reported it");
        return state!;
    }

    private async Task PushAsync(AgentRemoteConfig offer) => Assert.True(
        await _server.Server.PushAsync(_server.Server.Agents.Keys.Single(), new ServerToAgent { RemoteConfig = offer }, TestContext.Current.CancellationToken));

    private static AgentRemoteConfig Offer(DeploymentPackage package)
    {
        var files = new AgentConfigMap();
        foreach (var (name, bytes) in package.ToFiles())
        {
            files.ConfigMap.Add(name, new AgentConfigFile { Body = ByteString.CopyFrom(bytes), ContentType = "application/json" });
        }

        return ConfigHash.Offer(files);
    }

    private static ProfileInForce InForce(AgentState state) =>
        JsonSerializer.Deserialize(state.EffectiveConfig!.ConfigMap.ConfigMap["profile.json"].Body.Span, ContractsJson.Default.ProfileInForce)!;

    private static string Text(KeyValue attribute) => $"{attribute.Key}={attribute.Value.StringValue}";
}
