using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using StellaOps.Telemetry.Contracts.Fleet;
using StellaOps.Telemetry.Evidence.Signing;
using StellaOps.Telemetry.OpAmp;
using StellaOps.Telemetry.OpAmp.Client;
using StellaOps.Telemetry.OpAmp.Model;
using StellaOps.Telemetry.Profiles.Signing;

namespace StellaOps.Telemetry.Tests.Shared.Fleet;

/// <summary>
/// An agent of the fleet as the gateway is one: it speaks OpAMP, judges each package from its own trust and memory, and says why it refuses one.
/// A Collector takes what it is given.
/// </summary>
public sealed class SimulatedGateway : IOpAmpAgentHandler, IAsyncDisposable
{
    private const AgentCapabilities Capabilities =
        AgentCapabilities.AcceptsRemoteConfig | AgentCapabilities.ReportsRemoteConfig | AgentCapabilities.ReportsEffectiveConfig | AgentCapabilities.ReportsHealth;

    private readonly DeploymentJudge _judge;
    private readonly OpAmpAgent _agent;
    private readonly HttpMessageInvoker _http;
    private readonly TokenHandler _token;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;
    private readonly string _kind;
    private readonly bool _judges;
    private long _offeredAt;

    /// <param name="polls">Over HTTP instead of holding a WebSocket.</param>
    /// <param name="judges">Whether it judges what it is offered; without, it takes any package that is one.</param>
    public SimulatedGateway(
        Uri service, string token, TrustStore trust, IReadOnlyDictionary<string, string>? labels = null, string kind = KnownFleet.Gateway, bool polls = false, InstanceUid? uid = null, bool judges = true)
    {
        (_kind, _judges, Polls) = (kind, judges, polls);
        _token = new TokenHandler(token) { InnerHandler = new SocketsHttpHandler() };
        _judge = new DeploymentJudge(trust, trust.Profiles);
        _http = new HttpMessageInvoker(_token);
        var endpoint = new UriBuilder(new Uri(service, KnownOpAmp.Path)) { Scheme = polls ? "http" : "ws" }.Uri;
        var options = new OpAmpAgentOptions
        {
            Endpoint = endpoint,
            InstanceUid = uid ?? InstanceUid.New(TimeProvider.System.GetUtcNow()),
            Capabilities = polls ? Capabilities : Capabilities | AgentCapabilities.ReportsHeartbeat,
            HeartbeatInterval = polls ? TimeSpan.FromMilliseconds(200) : KnownOpAmp.HeartbeatInterval,
            FirstBackoff = TimeSpan.FromMilliseconds(100),
            MaxBackoff = TimeSpan.FromMilliseconds(500),
        };
        _agent = new OpAmpAgent(options, DescriptionOf(labels ?? new Dictionary<string, string>()), this, _http, TimeProvider.System, NullLogger.Instance);
        Report(healthy: true);
        _running = _agent.RunAsync(_stop.Token);
    }

    public string Uid => _agent.InstanceUid.ToString();

    public bool IsConnected => _agent.IsConnected;

    /// <summary>Requests that it made: over WebSocket one for each connection.</summary>
    public int Connections => _token.Requests;

    /// <summary>Whether it polls over HTTP.</summary>
    public bool Polls { get; }

    /// <summary>When it received the last offer; null before the first.</summary>
    public DateTimeOffset? OfferedAt => Volatile.Read(ref _offeredAt) is var ticks and > 0 ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

    /// <summary>What it makes of a version besides judging it: null applies, a text refuses.</summary>
    public Func<ProfileClosure, string?> Reads { get; set; } = _ => null;

    /// <summary>Every package that was offered, as <c>version/counter</c>; of a Collector the first line of its configuration.</summary>
    public ConcurrentQueue<string> Offers { get; } = new();

    /// <summary>What it runs, as in <see cref="Offers"/>; null: nothing of the service's.</summary>
    public string? Running { get; private set; }

    /// <summary>The files of the last offer.</summary>
    public IReadOnlyDictionary<string, byte[]> LastFiles { get; private set; } = new Dictionary<string, byte[]>();

    public DeploymentMemory Memory { get; private set; } = DeploymentMemory.None;

    public void Report(bool healthy, string error = "", long exportFailures = 0) => _agent.Report(new ComponentHealth
    {
        Healthy = healthy,
        LastError = error,
        ComponentHealthMap =
        {
            [KnownFleet.MetricsComponent] = new ComponentHealth
            {
                Healthy = true,
                Status = $"{KnownFleet.ExportFailures}={exportFailures} {KnownFleet.Refusals}=0 {KnownFleet.QueueOldestSeconds}=0.5",
            },
        },
    });

    public ValueTask<ConfigOutcome> ApplyAsync(AgentRemoteConfig offer, CancellationToken cancellationToken)
    {
        Volatile.Write(ref _offeredAt, TimeProvider.System.GetUtcNow().UtcTicks);
        LastFiles = offer.Config.ConfigMap.ToDictionary(f => f.Key, f => f.Value.Body.ToByteArray());
        return ValueTask.FromResult(_kind == KnownFleet.Gateway ? Judge() : Take());
    }

    public ValueTask OnInstanceUidAsync(InstanceUid uid, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
        _http.Dispose();
    }

    private ConfigOutcome Take()
    {
        var line = System.Text.Encoding.UTF8.GetString(LastFiles[""]).Split('\n')[0];
        Offers.Enqueue(line);
        Running = line;
        return ConfigOutcome.Applied(new EffectiveConfig());
    }

    private ConfigOutcome Judge()
    {
        if (!DeploymentPackage.TryFromFiles(LastFiles, out var package, out var why))
        {
            return ConfigOutcome.Failed(why);
        }

        if (!_judges)
        {
            Running = Convert.ToHexStringLower(SHA256.HashData(package.Closure));
            return ConfigOutcome.Applied(new EffectiveConfig());
        }

        switch (_judge.Judge(package, Memory))
        {
            case DeploymentJudgement.Accepted accepted:
                var name = $"{accepted.Closure.Version}/{accepted.Deployment.Counter}";
                Offers.Enqueue(name);
                if (Reads(accepted.Closure) is { } refusal)
                {
                    return ConfigOutcome.Failed(refusal);
                }

                (Memory, Running) = (accepted.Next, name);
                return ConfigOutcome.Applied(new EffectiveConfig());
            case DeploymentJudgement.Refused refused:
                return ConfigOutcome.Failed($"{refused.Reason}: {refused.Text}");
            default:
                throw new InvalidOperationException("there is no third judgement");
        }
    }

    private AgentDescription DescriptionOf(IReadOnlyDictionary<string, string> labels)
    {
        var description = new AgentDescription();
        description.IdentifyingAttributes.Add(Attribute("service.name", _kind));
        description.IdentifyingAttributes.Add(Attribute("service.version", "1.2.3"));
        foreach (var (key, value) in labels)
        {
            description.NonIdentifyingAttributes.Add(Attribute(key, value));
        }

        return description;
    }

    private static KeyValue Attribute(string key, string value) => new() { Key = key, Value = new AnyValue { StringValue = value } };

    private sealed class TokenHandler(string token) : DelegatingHandler
    {
        private int _requests;

        public int Requests => Volatile.Read(ref _requests);

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _requests);
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            return base.SendAsync(request, cancellationToken);
        }
    }
}
