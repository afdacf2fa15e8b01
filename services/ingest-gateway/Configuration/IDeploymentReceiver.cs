using StellaOps.Telemetry.Profiles.Signing;

namespace StellaOps.Telemetry.IngestGateway.Configuration;

/// <summary>Takes deployments of profiles, from wherever they come: nothing about the sender is trusted.</summary>
internal interface IDeploymentReceiver
{
    /// <summary>The deployment in force; null while the gateway runs its machine's own profile file.</summary>
    DeploymentInForce? InForce { get; }

    /// <summary>The last deployment that was not taken over, until one is; null when there is none.</summary>
    ProfileRefusal? LastRefusal { get; }

    /// <summary>
    /// Judges a deployment and takes it over. When it says applied, the deployment is on the disk and in force; else what was in force
    /// still is. One at a time; the same one again is applied again.
    /// </summary>
    ValueTask<DeploymentOutcome> ApplyAsync(DeploymentPackage package, CancellationToken cancellationToken);
}

/// <summary>What became of a deployment.</summary>
/// <param name="Reason">As metrics and status say it, such as <c>self_approved</c>; empty when it was applied.</param>
/// <param name="Text">What is wrong and how to mend it; empty when it was applied.</param>
internal sealed record DeploymentOutcome(DeploymentResult Result, string Reason, string Text)
{
    public static DeploymentOutcome Applied { get; } = new(DeploymentResult.Applied, "", "");
}

/// <summary>Whether a deployment is in force, and if not, whose fault it is.</summary>
internal enum DeploymentResult
{
    /// <summary>It is in force.</summary>
    Applied,

    /// <summary>The deployment is at fault: it is not to be offered again.</summary>
    Refused,

    /// <summary>This gateway is at fault, such as a full disk: it may be offered again.</summary>
    Failed,
}

/// <summary>The deployment in force.</summary>
/// <param name="Package">As it was received.</param>
/// <param name="Judgement">Who signed it, and what it says.</param>
internal sealed record DeploymentInForce(DeploymentPackage Package, DeploymentJudgement.Accepted Judgement);
