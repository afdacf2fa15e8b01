using System.Collections.Concurrent;
using System.Net;
using StellaOps.Telemetry.OpAmp.Model;
using StellaOps.Telemetry.OpAmp.Server;
using StellaOps.Telemetry.Tests.Shared.OpAmp;
using StellaOps.Telemetry.Tests.Shared.Processes;

namespace StellaOps.Telemetry.OpAmp.Tests.Client;

/// <summary>The agent with our server, by polling.</summary>
public sealed class AgentOverHttpTests : IAsyncLifetime
{
    private static readonly InstanceUid s_uid = TestAgents.Uid(1);

    private OpAmpHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await OpAmpHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Offer_InAnAnswer_IsAppliedAndReportedAtOnce()
    {
        var offer = _host.Server.Offer = ConfigHash.Offer(TestAgents.Files("a: 1"));
        await using var running = RunningAgent.Start(_host.Http, RunningAgent.Options("http"));

        await Eventually.HoldsAsync(
            () => _host.Server.Agents.TryGetValue(s_uid, out var a) && a.RemoteConfigStatus is { Status: RemoteConfigStatuses.Applied } s && s.LastRemoteConfigHash == offer.ConfigHash,
            RunningAgent.Patience,
            "the offer is applied, without a poll");

        Assert.Equal(running.Time.Start, running.Time.GetUtcNow());
        Assert.Equal(offer.Config, _host.Server.Agents[s_uid].EffectiveConfig!.ConfigMap);
    }

    [Fact]
    public async Task Poll_AtItsInterval_CarriesNothingAndIsInSequence()
    {
        await using var running = RunningAgent.Start(_host.Http, RunningAgent.Options("http"));
        await Eventually.HoldsAsync(() => running.Agent.IsConnected, RunningAgent.Patience, "the agent is connected");

        await running.AdvanceUntilAsync(() => _host.Server.Messages.Count >= 3, "two polls came");

        Assert.Equal([TestAgents.Bare(s_uid, 2), TestAgents.Bare(s_uid, 3)], _host.Server.Messages.Skip(1).Take(2));
    }

    /// <summary>A poll cannot be switched off: without it the server would never be heard again.</summary>
    [Theory]
    [InlineData(5, 5)]
    [InlineData(0, 30)]
    public async Task Poll_IntervalOfTheServer_IsUsed(int offered, int seconds)
    {
        _host.Server.Intercept = (m, _) => ValueTask.FromResult<ServerToAgent?>(new ServerToAgent
        {
            InstanceUid = m.InstanceUid,
            ConnectionSettings = new ConnectionSettingsOffers { Opamp = new OpAMPConnectionSettings { HeartbeatIntervalSeconds = (ulong)offered } },
        });
        await using var running = RunningAgent.Start(_host.Http, RunningAgent.Options("http"));
        await Eventually.HoldsAsync(() => running.Agent.IsConnected, RunningAgent.Patience, "the agent is connected");

        await running.AdvanceUntilAsync(() => _host.Server.Messages.Count >= 2, "a poll came");

        Assert.InRange((running.Time.GetUtcNow() - running.Time.Start).TotalSeconds, seconds, seconds + 20);
    }

    [Fact]
    public async Task Request_LargeEnough_IsCompressedAndNamesTheAgent()
    {
        using var seen = new SeenRequests(_host.Http);
        await using var running = RunningAgent.Start(seen.Http, RunningAgent.Options("http"));
        await Eventually.HoldsAsync(() => running.Agent.IsConnected, RunningAgent.Patience, "the agent is connected");

        running.Agent.Report(new EffectiveConfig { ConfigMap = TestAgents.Files(new string('x', 10_000)) });
        await Eventually.HoldsAsync(() => seen.Requests.Count == 2, RunningAgent.Patience, "the change was said");

        Assert.Equal(["", "gzip"], seen.Requests.Select(r => string.Join(',', r.Content!.Headers.ContentEncoding)));
        Assert.All(seen.Requests, r => Assert.Equal(s_uid.ToString(), Assert.Single(r.Headers.GetValues(KnownOpAmp.InstanceUidHeader))));
        Assert.Equal(10_000, _host.Server.Agents[s_uid].EffectiveConfig!.ConfigMap.ConfigMap[""].Body.Length);
    }

    [Fact]
    public async Task Unavailable_WithRetryAfter_IsWaitedForAndAllIsSaidAgain()
    {
        var isBusy = true;
        _host.Server.Intercept = (m, _) => ValueTask.FromResult(isBusy ? ServerAnswers.Unavailable(m.InstanceUid, "busy", TimeSpan.FromSeconds(90)) : null);
        using var seen = new SeenRequests(_host.Http);
        await using var running = RunningAgent.Start(seen.Http, RunningAgent.Options("http"));
        await Eventually.HoldsAsync(() => seen.Answers.Contains(HttpStatusCode.ServiceUnavailable), RunningAgent.Patience, "the agent was refused");
        isBusy = false;

        await running.AdvanceUntilAsync(() => _host.Server.Agents.ContainsKey(s_uid), "the agent is back");

        Assert.InRange((running.Time.GetUtcNow() - running.Time.Start).TotalSeconds, 90, 90 * 1.1 + 20);
        Assert.NotNull(_host.Server.Agents[s_uid].Description);
    }

    [Fact]
    public async Task Stop_SaysGoodbye()
    {
        var running = RunningAgent.Start(_host.Http, RunningAgent.Options("http"));
        await Eventually.HoldsAsync(() => running.Agent.IsConnected, RunningAgent.Patience, "the agent is connected");

        await running.DisposeAsync();

        Assert.False(_host.Server.Agents[s_uid].IsPresent);
    }

    /// <summary>Keeps the requests that pass.</summary>
    private sealed class SeenRequests : IDisposable
    {
        public SeenRequests(HttpMessageInvoker inner) => Http = new HttpMessageInvoker(new Passing(inner, this));

        public HttpMessageInvoker Http { get; }

        public ConcurrentQueue<HttpRequestMessage> Requests { get; } = new();

        public ConcurrentQueue<HttpStatusCode> Answers { get; } = new();

        public void Dispose() => Http.Dispose();

        private sealed class Passing(HttpMessageInvoker inner, SeenRequests seen) : HttpMessageHandler
        {
            protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
            {
                seen.Requests.Enqueue(request);
                var response = await inner.SendAsync(request, cancellationToken);
                seen.Answers.Enqueue(response.StatusCode);
                return response;
            }
        }
    }
}
