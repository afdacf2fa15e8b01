namespace StellaOps.Telemetry.Profiles.Signing;

/// <summary>Bounds of what is signed; everything above them is refused unread.</summary>
internal static class SigningLimits
{
    /// <summary>2^53 - 1: the highest number that canonical JSON writes exactly.</summary>
    public const long MaxNumber = (1L << 53) - 1;

    /// <summary>One statement's bundle, in bytes.</summary>
    public const int MaxBundleBytes = 64 * 1024;

    /// <summary>Approvals of one version.</summary>
    public const int MaxApprovals = 16;

    /// <summary>A comment, a reason, a rollout's id, in characters.</summary>
    public const int MaxTextLength = 1024;
}
