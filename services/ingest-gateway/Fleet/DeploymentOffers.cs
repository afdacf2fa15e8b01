using StellaOps.Telemetry.IngestGateway.Configuration;
using StellaOps.Telemetry.OpAmp;
using StellaOps.Telemetry.OpAmp.Client;
using StellaOps.Telemetry.OpAmp.Model;
using StellaOps.Telemetry.Profiles.Signing;

namespace StellaOps.Telemetry.IngestGateway.Fleet;

/// <summary>Hands offered configurations to whoever judges deployments. That an OpAMP server offers them proves nothing.</summary>
internal sealed class DeploymentOffers(IDeploymentReceiver receiver, FleetIdentity identity, EffectiveProfile effective) : IOpAmpAgentHandler
{
    public async ValueTask<ConfigOutcome> ApplyAsync(AgentRemoteConfig offer, CancellationToken cancellationToken)
    {
        var files = offer.Config?.ConfigMap.ToDictionary(f => f.Key, f => f.Value.Body.ToByteArray(), StringComparer.Ordinal) ?? [];
        if (!DeploymentPackage.TryFromFiles(files, out var package, out var why))
        {
            return ConfigOutcome.Failed($"malformed: the offer is no deployment: {why}");
        }

        var outcome = await receiver.ApplyAsync(package, cancellationToken);
        return outcome.Result == DeploymentResult.Applied ? ConfigOutcome.Applied(effective.Build()) : ConfigOutcome.Failed($"{outcome.Reason}: {outcome.Text}");
    }

    public ValueTask OnInstanceUidAsync(InstanceUid uid, CancellationToken cancellationToken)
    {
        identity.Keep(uid);
        return ValueTask.CompletedTask;
    }
}
