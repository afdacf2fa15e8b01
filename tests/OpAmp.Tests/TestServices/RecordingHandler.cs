using System.Collections.Concurrent;
using StellaOps.Telemetry.OpAmp.Client;
using StellaOps.Telemetry.OpAmp.Model;

namespace StellaOps.Telemetry.OpAmp.Tests;

/// <summary>Keeps what an agent is asked to do, and does as the test says.</summary>
internal sealed class RecordingHandler : IOpAmpAgentHandler
{
    public ConcurrentQueue<AgentRemoteConfig> Applied { get; } = new();

    public ConcurrentQueue<InstanceUid> Uids { get; } = new();

    public Func<AgentRemoteConfig, CancellationToken, Task<ConfigOutcome>> Apply { get; set; } =
        (offer, _) => Task.FromResult(ConfigOutcome.Applied(new EffectiveConfig { ConfigMap = offer.Config }));

    public async ValueTask<ConfigOutcome> ApplyAsync(AgentRemoteConfig offer, CancellationToken cancellationToken)
    {
        Applied.Enqueue(offer);
        return await Apply(offer, cancellationToken);
    }

    public ValueTask OnInstanceUidAsync(InstanceUid uid, CancellationToken cancellationToken)
    {
        Uids.Enqueue(uid);
        return ValueTask.CompletedTask;
    }
}
