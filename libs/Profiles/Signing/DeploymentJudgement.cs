using StellaOps.Telemetry.Profiles.Resolving;

namespace StellaOps.Telemetry.Profiles.Signing;

/// <summary>What came of judging a deployment.</summary>
public abstract record DeploymentJudgement
{
    private DeploymentJudgement()
    {
    }

    /// <summary>It may be in force.</summary>
    /// <param name="Resolution">Valid.</param>
    /// <param name="Next">What the receiver remembers from now on.</param>
    /// <param name="Author">The person who wrote it.</param>
    /// <param name="Approvers">The persons whose approvals count, each once.</param>
    /// <param name="BreakGlass">Null when no rule was waived.</param>
    public sealed record Accepted(
        ProfileClosure Closure,
        ProfileResolution Resolution,
        DeploymentPredicate Deployment,
        DeploymentMemory Next,
        string Author,
        IReadOnlyList<string> Approvers,
        BrokenGlass? BreakGlass) : DeploymentJudgement;

    /// <summary>It may not.</summary>
    /// <param name="Text">What is wrong and where, for people.</param>
    public sealed record Refused(DeploymentRefusal Reason, string Text) : DeploymentJudgement;
}

/// <summary>Who waived the rules, and why.</summary>
public sealed record BrokenGlass(string Person, string Reason);

/// <summary>Why a version, an approval or a deployment was refused.</summary>
public enum DeploymentRefusal
{
    /// <summary>Not of the form.</summary>
    Malformed,

    /// <summary>Above a bound.</summary>
    TooLarge,

    /// <summary>No statement with a signature.</summary>
    Unsigned,

    /// <summary>Signed by a key that is not trusted for this.</summary>
    UnknownSigner,

    /// <summary>Not the signature of the key that is named.</summary>
    BadSignature,

    /// <summary>Signed, about something else.</summary>
    DigestMismatch,

    /// <summary>Signed, and says something else, or something unlawful.</summary>
    WrongPredicate,

    /// <summary>Approvals are missing.</summary>
    Unapproved,

    /// <summary>Approvals are missing, and the author's own does not count.</summary>
    SelfApproved,

    /// <summary>Its counter was passed already.</summary>
    Replayed,

    /// <summary>Its version is lower than may still be deployed.</summary>
    BelowFloor,

    /// <summary>What is signed is no good profile.</summary>
    InvalidProfile,
}
