using StellaOps.Telemetry.Profiles.Signing;

namespace StellaOps.Telemetry.ProfileService.Versions;

/// <summary>What the database holds no longer passes the judgement that it passed before it was stored: it must not be given out.</summary>
internal sealed class StoredBytesException(string what, DeploymentJudgement.Refused refused) : Exception($"{what}: {refused.Text}")
{
    /// <summary>Whether the bytes were changed. Otherwise a key is no longer trusted, which is lawful.</summary>
    public bool IsTampering { get; } = refused.Reason != DeploymentRefusal.UnknownSigner;

    public DeploymentRefusal Reason { get; } = refused.Reason;
}
