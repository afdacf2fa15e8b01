using StellaOps.Telemetry.Profiles.Signing;

namespace StellaOps.Telemetry.ProfileService.Versions;

/// <summary>What the database holds no longer passes the judgement that it passed before it was stored: it must not be given out.</summary>
internal sealed class StoredBytesException(string what, DeploymentJudgement.Refused refused) : Exception($"{what}: {refused.Text}")
{
    /// <summary>Whether the bytes were changed. Otherwise a key is no longer trusted, which is lawful.</summary>
    public bool IsTampering { get; } = refused.Reason != DeploymentRefusal.UnknownSigner;

    /// <summary>What to do about it.</summary>
    public string Mend => IsTampering
        ? "compare the rows of profile.versions and profile.approvals with a backup, and ask the audit trail who published it; or publish the next version"
        : "give its signer's key back its place in the trust file, or have the next version signed by one that is trusted";

    public DeploymentRefusal Reason { get; } = refused.Reason;
}
