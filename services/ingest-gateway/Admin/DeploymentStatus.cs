using StellaOps.Telemetry.Contracts.Gateways;
using StellaOps.Telemetry.IngestGateway.Configuration;

namespace StellaOps.Telemetry.IngestGateway.Admin;

/// <summary>What the status says of deployments of profiles.</summary>
internal static class DeploymentStatus
{
    public static DeploymentResponse? Of(DeploymentInForce? deployment) => deployment?.Judgement is not { } judgement
        ? null
        : new DeploymentResponse(
            judgement.Closure.Version,
            judgement.Closure.Overlay,
            judgement.Closure.Digest,
            judgement.Deployment.Counter,
            judgement.Next.Floors.GetValueOrDefault(judgement.Closure.Profile),
            judgement.Deployment.Rollout,
            judgement.Deployment.IssuedAt,
            judgement.Author,
            judgement.Approvers,
            judgement.BreakGlass is { } glass ? new BreakGlassResponse(glass.Person, glass.Reason) : null);

    public static DeploymentRefusalResponse? Of(ProfileRefusal? refusal) => refusal is null ? null : new DeploymentRefusalResponse(refusal.At, refusal.Reason, refusal.Faults);
}
