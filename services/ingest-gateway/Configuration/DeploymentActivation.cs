using System.Text.Json;
using StellaOps.Telemetry.Evidence.Signing;
using StellaOps.Telemetry.Profiles.Signing;

namespace StellaOps.Telemetry.IngestGateway.Configuration;

/// <summary>Judges a deployment by this gateway's own trust file, and renders it by its own options.</summary>
/// <param name="folder">Where relative paths of a profile begin: beside the machine's own profile file.</param>
internal sealed class DeploymentActivation(TrustStore trust, ProfileActivation activation, string folder)
{
    private readonly DeploymentJudge _judge = new(trust, trust.Profiles);

    /// <summary>What it comes to; null, and why, when it may not be in force here.</summary>
    public LoadedProfile? Activate(DeploymentPackage package, DeploymentMemory memory, out string reason, out IReadOnlyList<string> faults)
    {
        var judgement = _judge.Judge(package, memory);
        if (judgement is not DeploymentJudgement.Accepted accepted)
        {
            var refused = (DeploymentJudgement.Refused)judgement;
            (reason, faults) = (NameOf(refused.Reason), [refused.Text]);
            return null;
        }

        List<string> found = [];
        var loaded = activation.Activate(accepted.Resolution.Profile!, accepted.Resolution.RedactionPolicyText, folder, found);
        (reason, faults) = (loaded is null ? ProfileRefusal.InvalidProfile : "", found);
        return loaded is null ? null : loaded with { Model = loaded.Model.By(new DeploymentInForce(package, accepted)) };
    }

    /// <summary>Puts together again what was in force when the gateway stopped, judged as if it came now.</summary>
    public RestoredDeployment Restore(DeploymentStore store, DateTimeOffset now)
    {
        List<string> damages = [];
        var (package, memory) = store.Read(damages);
        if (package is null)
        {
            return new RestoredDeployment(null, memory, damages.Count == 0 ? null : new ProfileRefusal(now, ProfileRefusal.Damaged, damages));
        }

        var loaded = Activate(package, memory, out var reason, out var faults);
        return new RestoredDeployment(loaded, memory, loaded is null ? new ProfileRefusal(now, reason, faults) : null);
    }

    /// <summary><c>self_approved</c> for <see cref="DeploymentRefusal.SelfApproved"/>.</summary>
    private static string NameOf(DeploymentRefusal reason) => JsonNamingPolicy.SnakeCaseLower.ConvertName(reason.ToString());
}

/// <summary>What the disk had when the gateway started.</summary>
/// <param name="Loaded">Null when there was no deployment, or it may not be in force any more.</param>
/// <param name="Refusal">Why not; null when there was none.</param>
internal sealed record RestoredDeployment(LoadedProfile? Loaded, DeploymentMemory Memory, ProfileRefusal? Refusal);
